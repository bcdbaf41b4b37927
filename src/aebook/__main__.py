"""Trains one of the book's autoencoders on MNIST: python -m aebook conv --code-size 20

Ctrl-C stops it after the step under way; with --checkpoint, the same command with --resume goes on from there.
On several machines: torchrun … -m aebook conv --code-size 20
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import nn

from aebook import checkpoints, data, files, processes
from aebook.devices import PRECISIONS, best_device, best_precision
from aebook.models import MODELS, Autoencoder
from aebook.training import Interrupted, evaluate, fit

INTERRUPTED = 130  # the exit code of a program that was stopped by Ctrl-C


def build(kind: str, code_size: int | None) -> Autoencoder:
    """A fresh model, by its name on the command line."""
    return MODELS[kind]() if code_size is None else MODELS[kind](code_size)


class Help(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Says the defaults where there are some, and leaves the lines of the description as they are."""

    def _get_help_string(self, action: argparse.Action) -> str:
        return action.help if action.default in (None, False) else super()._get_help_string(action)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m aebook", description=__doc__, formatter_class=Help)
    add = parser.add_argument
    add("model", choices=list(MODELS), help="which of the book's models")
    sizes = "linear 20, stacked 30, light 20, conv the 12544 of its feature maps, residual 30"
    add("--code-size", type=positive(int), metavar="N", help=f"numbers in the code (default: {sizes})")
    add("--epochs", type=positive(int), default=5, metavar="N", help="times through all the images")
    add("--batch-size", type=positive(int), default=256, metavar="N", help="images a step, over all processes")
    add("--learning-rate", type=positive(float), default=2e-3, metavar="RATE", help="Adam's")
    add("--schedule", choices=["none", "one-cycle"], default="none", help="of the learning rate")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    add("--precision", choices=PRECISIONS, default="auto", help="auto: bf16 where the device has it built in")
    add("--seed", type=int, default=0, metavar="N", help="of the first weights and of the order of the images")
    add("--processes", type=positive(int), default=1, metavar="N", help="that train together on this machine")
    add("--checkpoint", metavar="FILE", help="where to save, at every epoch's end and when stopped")
    add("--checkpoint-every", type=positive(int), metavar="STEPS", help="save within an epoch too")
    add("--resume", action="store_true", help="go on from the checkpoint")
    return parser


def positive(kind: type) -> type:
    """A number above 0, for argparse."""

    def parse(text: str) -> float:
        if not (number := kind(text)) > 0:
            raise argparse.ArgumentTypeError(f"must be above 0, and is {text}")
        return number

    parse.__name__ = kind.__name__  # argparse names it when the text is no number at all
    return parse


def require_unused(checkpoint: str | None, resume: bool) -> None:
    """Refuse to write over what an earlier run has saved."""
    if checkpoint is not None and not resume and files.expanded(checkpoint).exists():
        raise ValueError(f"{checkpoint} is there already: add --resume to go on from it, or name another file")


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """The device of this process; where torchrun started several, they know of each other meanwhile."""
    if "WORLD_SIZE" not in os.environ:
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        dist.destroy_process_group()


def train(options: argparse.Namespace, device: torch.device) -> None:
    """Train as the command line says, and print a row of results; of a run that was stopped, of what it saved."""
    torch.manual_seed(options.seed)
    model = build(options.model, options.code_size).to(device)
    stopped = None
    try:
        history = fit(
            model,
            data.mnist().images,
            epochs=options.epochs,
            learning_rate=options.learning_rate,
            seed=options.seed,
            batch_size=options.batch_size,
            schedule=None if options.schedule == "none" else options.schedule,
            precision=options.precision,
            channels_last=any(isinstance(module, nn.Conv2d) for module in model.modules()),
            checkpoint=options.checkpoint,
            checkpoint_every=options.checkpoint_every,
            resume=options.resume,
        )
    except Interrupted as interrupted:
        stopped, history = str(interrupted).replace("stopped", "interrupted"), interrupted.history
    if processes.rank() == 0:
        if stopped and options.checkpoint and files.expanded(options.checkpoint).exists():
            checkpoints.restore(model, options.checkpoint)
        report(model, best_precision(options.precision, device), history, device)
        if stopped:
            print(f"aebook: {stopped}", file=sys.stderr)
    if stopped:
        raise SystemExit(INTERRUPTED)


def report(model: nn.Module, precision: str, history, device: torch.device) -> None:
    """Print the row of results: what the model is, how it was trained, and its error on the test images."""
    error, about = evaluate(model, data.mnist(train=False).images), checkpoints.describe(model)
    print("model               code  parameters  epochs  seconds  device  precision  test error  per image")
    print(
        f"{about['class']:19} {about['code_size']:4}  {about['parameters']:10,}  {len(history.seconds):6}"
        f"  {sum(history.seconds):7.1f}  {device.type:6}  {precision:9}  {error:10.5f}  {784 * error:9.2f}"
    )


def together(count: int, words: list[str]) -> None:
    """Start so many processes with the same words, and end as they end; the first of them speaks."""
    os.environ.setdefault(
        "LOGLEVEL", "CRITICAL"
    )  # of torchrun, which says in a page what the first says in a line
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main as torchrun

    for name in logging.root.manager.loggerDict:  # it fills a page with what the first process says in a line
        if name.startswith("torch.distributed"):
            logging.getLogger(name).disabled = True
    try:
        torchrun(["--standalone", f"--nproc-per-node={count}", "-m", "aebook", *words])
    except SignalException as signal:
        raise SystemExit(128 + signal.sigval) from None
    except ChildFailedError as failed:
        raise SystemExit(next(iter(failed.failures.values())).exitcode) from None


def main() -> None:
    """Read the command line and train."""
    parser = arguments()
    options = parser.parse_args()
    if options.checkpoint is None and (options.resume or options.checkpoint_every):
        parser.error("--resume and --checkpoint-every need --checkpoint")
    try:
        require_unused(options.checkpoint, options.resume)
        if options.processes > 1 and "WORLD_SIZE" not in os.environ:
            return together(options.processes, sys.argv[1:])
        with joined(best_device(options.device)) as device:
            train(options, device)
    except (ValueError, TypeError, FloatingPointError, OSError) as error:
        first = os.environ.get("RANK", "0") == "0"  # of several processes, the one that speaks
        raise SystemExit(f"aebook: {error}" if first else 1) from error
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
