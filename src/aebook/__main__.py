"""Trains one of the book's autoencoders on MNIST: ``python -m aebook conv --code-size 20``.

With several processes, or on several machines: ``torchrun --nproc-per-node=2 -m aebook conv --code-size 20``.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import nn

from aebook import checkpoints, data
from aebook.models import ConvAutoencoder, LinearAutoencoder, StackedAutoencoder
from aebook.devices import PRECISIONS, best_device, best_precision
from aebook.training import evaluate, fit


def build(kind: str, code_size: int | None) -> nn.Module:
    """A fresh model, by its name on the command line."""
    if kind == "linear":
        return LinearAutoencoder(code_size or 20)
    if kind == "stacked":
        return StackedAutoencoder((784, 1000, 500, 250, code_size or 30))
    return ConvAutoencoder(code_size)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m aebook", description=__doc__.split("\n")[0])
    parser.add_argument("model", choices=["linear", "stacked", "conv"])
    parser.add_argument("--code-size", type=positive(int), help="numbers in the code (20, 30, or 12544 for conv)")
    parser.add_argument("--epochs", type=positive(int), default=5)
    parser.add_argument("--batch-size", type=positive(int), default=256, help="over all processes")
    parser.add_argument("--learning-rate", type=positive(float), default=2e-3)
    parser.add_argument("--schedule", choices=["none", "one-cycle"], default="none")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="auto: bf16 where it is native")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", help="a file to save to, at every epoch's end")
    parser.add_argument("--checkpoint-every", type=positive(int), help="steps between saves within an epoch")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    return parser


def positive(kind: type) -> type:
    """A number above 0, for argparse."""

    def parse(text: str) -> float:
        if not (number := kind(text)) > 0:
            raise argparse.ArgumentTypeError(f"must be above 0, and is {text}")
        return number

    parse.__name__ = kind.__name__  # argparse names it when the text is no number at all
    return parse


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
    """Train as the command line says, and print a row of results."""
    first = not dist.is_initialized() or dist.get_rank() == 0
    torch.manual_seed(options.seed)
    model = build(options.model, options.code_size).to(device)
    history = fit(
        model,
        data.mnist().images,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        seed=options.seed,
        batch_size=options.batch_size,
        schedule=None if options.schedule == "none" else options.schedule,
        precision=options.precision,
        checkpoint=options.checkpoint,
        checkpoint_every=options.checkpoint_every,
        resume=options.resume,
    )
    error = evaluate(model, data.mnist(train=False).images)
    if not first:
        return
    about = checkpoints.describe(model)
    precision = best_precision(options.precision, device)
    print("model              code  parameters  epochs  seconds  device  precision  test error  per image")
    print(
        f"{about['class']:18} {about['code_size']:4}  {about['parameters']:10,}  {len(history.seconds):6}"
        f"  {sum(history.seconds):7.1f}  {device.type:6}  {precision:9}  {error:10.5f}  {784 * error:9.2f}"
    )


def main() -> None:
    """Read the command line and train."""
    parser = arguments()
    options = parser.parse_args()
    if options.checkpoint is None and (options.resume or options.checkpoint_every):
        parser.error("--resume and --checkpoint-every need --checkpoint")
    try:
        with joined(best_device(options.device)) as device:
            train(options, device)
    except (ValueError, FloatingPointError, OSError) as error:
        raise SystemExit(f"aebook: {error}") from error


if __name__ == "__main__":
    main()
