"""The training loop that every chapter uses.

Several processes, started by ``torchrun``, train one model together: see ``fit``.
"""

import hashlib
import math
import os
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.lr_scheduler import OneCycleLR
from tqdm.auto import tqdm

from aebook import checkpoints
from aebook.checkpoints import CheckpointError

SCHEDULES = (None, "one-cycle")
PRECISIONS = ("auto", "bf16", "fp32")


@dataclass
class History:
    """What a run of ``fit`` recorded: one entry an epoch in every list.

    Attributes:
        train_loss: mean squared error per pixel over the training images, while the weights were moving.
        test_loss: the same over the test images, after the epoch; empty where ``fit`` had no test images.
        seconds: how long the epoch's training took, evaluation not counted.
        interrupted: whether the run was stopped by hand, before its last epoch was over.
    """

    train_loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    interrupted: bool = False


def best_device(wanted: str = "auto") -> torch.device:
    """The device to train on.

    Args:
        wanted: ``"auto"`` takes CUDA where there is one, else Apple's MPS, else the CPU. A name, such as
            ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``, takes that device.

    Raises:
        ValueError: where the device that is asked for is not there.
    """
    present = [f"cuda:{i}" for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    present = ["cuda", *present] if present else []
    present += (["mps"] if torch.backends.mps.is_available() else []) + ["cpu"]
    if wanted == "auto":
        return torch.device(present[0])
    if wanted not in present:
        raise ValueError(f"device {wanted!r} is not here; there are: auto, {', '.join(present)}")
    return torch.device(wanted)


def best_precision(wanted: str, device: torch.device) -> str:
    """The precision to train with: ``"bf16"`` or ``"fp32"``.

    Args:
        wanted: ``"auto"`` takes bf16 where the device computes with it natively, else fp32; ``"bf16"`` and
            ``"fp32"`` are taken as they are.
        device: where the training will be.

    Raises:
        ValueError: where ``wanted`` is something else.
    """
    if wanted not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, and is {wanted!r}")
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:  # PyTorch tells it of CPUs in two functions of its own, which another version may not have
        names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported") if device.type == "cpu" else ()
        native = any(getattr(torch.cpu, name, lambda: False)() for name in names)
    return "bf16" if native else "fp32"


def fit(
    model: nn.Module,
    images: Tensor,
    *,
    epochs: int,
    learning_rate: float,
    seed: int,
    batch_size: int = 256,
    schedule: str | None = None,
    precision: str = "fp32",
    test_images: Tensor | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    progress: bool = True,
) -> History:
    """Teach an autoencoder to copy ``images``, with Adam and mean squared error.

    The images move to the model's device once, as they are, and become floats a batch at a time.
    Stopping the run by hand (KeyboardInterrupt, the stop button) is no error: the model keeps what it
    has learned, and the history of the finished epochs is returned.

    Where ``torch.distributed`` has been initialized, every process takes its share of each batch, gradients are
    averaged over all of them (DistributedDataParallel), and the first process alone writes and shows progress.
    Batch normalization then counts each process's share by itself.

    Args:
        model: gives back a reconstruction of the shape of the images it is given.
        images: (N, …), uint8, or floats in [0, 1].
        epochs: how many times to go through all the images.
        learning_rate: Adam's; the highest one, where there is a schedule.
        seed: orders the batches and nothing else; a model's first weights come from ``torch.manual_seed``.
        batch_size: images a step, over all processes; the last step of an epoch takes what is left.
        schedule: None keeps the learning rate; ``"one-cycle"`` raises it to ``learning_rate`` and lowers it to
            almost nothing (OneCycleLR).
        precision: ``"fp32"``, ``"bf16"`` (autocast), or ``"auto"``: see ``best_precision``. Evaluation is fp32.
        test_images: evaluated after every epoch where given.
        checkpoint: a file that is written at every epoch's end, whole or not at all.
        checkpoint_every: steps after which it is written within an epoch too.
        resume: go on from the checkpoint, to the weights of a run that was never stopped. Where the file is not
            there, the run starts afresh and says so. Without a schedule, ``epochs`` may be more than at first.
        progress: whether to show the progress bar, with the epoch's mean loss so far.

    Raises:
        TypeError, ValueError: where the images or a number are not as above.
        FloatingPointError: where the loss is no longer finite; names the epoch and the first such step.
        CheckpointError: where the checkpoint cannot be gone on from; the file is left as it is.
    """
    _require_positive(epochs=epochs, learning_rate=learning_rate, batch_size=batch_size)
    _require_positive(checkpoint_every=1 if checkpoint_every is None else checkpoint_every)
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule must be None or 'one-cycle', and is {schedule!r}")
    if checkpoint is None and (resume or checkpoint_every):
        raise ValueError("resume and checkpoint_every need a checkpoint, and there is none")
    images = _checked(images).to(_device_of(model))
    test_images = None if test_images is None else _checked(test_images).to(images.device)
    settings = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "seed": seed,
        "batch_size": batch_size,
        "schedule": schedule,
        "precision": best_precision(precision, images.device),
    }
    run = _Run(model, images, settings, checkpoint)
    if resume:
        run.resume()
    with _mode(model, training=True), run.bar(progress) as bar:
        try:
            while run.epoch < epochs:
                _train_epoch(run, bar, checkpoint_every)
                if test_images is not None:
                    run.history.test_loss.append(evaluate(model, test_images))
                run.save()
        except KeyboardInterrupt:
            run.history.interrupted = True
    return run.history


def _train_epoch(run: "_Run", bar: tqdm, save_every: int | None) -> None:
    """One step for each batch that the epoch still has, and its mean loss written down."""
    started = time.perf_counter() - run.seconds
    with _tf32(run.losses.device, allowed=True):
        for batch in run.batches():
            loss = run.loss(batch)
            run.optimizer.zero_grad()
            loss.backward()
            run.optimizer.step()
            if run.schedule:
                run.schedule.step()
            run.losses[run.step] = loss.detach() * len(batch)  # stays on the device: reading it makes a GPU wait
            run.step += 1
            run.seconds = time.perf_counter() - started
            if bar.update():  # true a few times a second, when the bar is drawn
                bar.set_postfix_str(f"loss {run.mean_loss():.4f}", refresh=False)
            if save_every and run.step % save_every == 0:
                run.save()
    run.end_epoch()


class _Run:
    """What ``fit`` steps with, and where it stands: all that a checkpoint brings back."""

    def __init__(self, model: nn.Module, images: Tensor, settings: dict, checkpoint: str | os.PathLike | None):
        device, rate = images.device, settings["learning_rate"]
        self.model = model.to(memory_format=torch.channels_last)  # faster convolutions; changes no value
        self.parallel = DistributedDataParallel(model) if _processes() > 1 else model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=device.type == "cuda")
        self.steps = math.ceil(len(images) / settings["batch_size"])  # of an epoch
        one_cycle = settings["schedule"] == "one-cycle"
        self.schedule = OneCycleLR(self.optimizer, rate, settings["epochs"] * self.steps) if one_cycle else None
        self.autocast = torch.autocast(device.type, torch.bfloat16, enabled=settings["precision"] == "bf16")
        self.shuffle = torch.Generator().manual_seed(settings["seed"])
        self.order = self.shuffle.get_state()  # as it was before the epoch under way was shuffled
        self.losses = torch.zeros(self.steps, device=device)  # of the epoch's steps, each summed over its images
        self.step, self.seconds = 0, 0.0  # how far the epoch is
        self.history = History()
        self.images, self.settings, self.checkpoint = images, settings, checkpoint
        if checkpoint is not None:
            self.settings = settings | {"images": _fingerprint(images)}

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return len(self.history.train_loss)

    def bar(self, progress: bool) -> tqdm:
        """The progress bar over all steps, standing where the run stands."""
        done = self.epoch * self.steps + self.step
        total = self.settings["epochs"] * self.steps
        return tqdm(total=total, initial=done, mininterval=0.25, disable=not progress or _process() > 0)

    def batches(self) -> Sequence[Tensor]:
        """The batches that the epoch still has, as lists of indices into the images."""
        self.shuffle.set_state(self.order)
        order = torch.randperm(len(self.images), generator=self.shuffle).to(self.images.device)
        return order.split(self.settings["batch_size"])[self.step :]

    def loss(self, batch: Tensor) -> Tensor:
        """The loss over a batch; with several processes, weighted so that their mean is that."""
        share = batch[_process() :: _processes()]
        weight = len(share) * _processes() / len(batch)
        with self.autocast:  # a process without a share steps too, with one image that weighs nothing
            loss = _reconstruction_loss(self.parallel, self.images, share if weight else batch[:1])
        return loss if weight == 1 else loss * weight

    def mean_loss(self) -> float:
        """The mean loss per image over the epoch's steps so far; refuses a loss that is not finite."""
        losses = self.losses[: self.step].cpu().double()
        if not losses.isfinite().all():
            step = int((~losses.isfinite()).nonzero()[0]) + 1
            where = f"{losses[step - 1].item()} in epoch {self.epoch + 1}, step {step}"
            raise FloatingPointError(f"the loss is {where}; try a smaller learning rate")
        images = min(self.step * self.settings["batch_size"], len(self.images))
        return losses.sum().item() / max(images, 1)

    def end_epoch(self) -> None:
        """Write the epoch down, and stand before the next."""
        self.losses = _mean_over_processes(self.losses)
        self.history.train_loss.append(self.mean_loss())
        self.history.seconds.append(self.seconds)
        self.order = self.shuffle.get_state()
        self.step, self.seconds = 0, 0.0

    def save(self) -> None:
        """Write the checkpoint, where there is to be one; a run whose loss is not finite leaves the last one."""
        if self.checkpoint is None:
            return
        self.mean_loss()  # refuses
        device = self.losses.device
        tensors = checkpoints.model_tensors(self.model)
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in state.items()}
        tensors |= {
            "run.position": torch.tensor([self.epoch, self.step]),
            "run.losses": _mean_over_processes(self.losses),
            "run.order": self.order,
            "run.random": torch.get_rng_state(),
        }
        if device.type == "cuda":
            tensors["run.random_cuda"] = torch.cuda.get_rng_state(device)
        about = {
            "model": checkpoints.describe(self.model),
            "settings": self.settings,
            "history": asdict(self.history),
            "seconds": self.seconds,
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
        }
        if _process() == 0:
            checkpoints.save(self.checkpoint, tensors, about)

    def resume(self) -> None:
        """Stand where the checkpoint says, or at the start where there is none."""
        data = _from_the_first_process(self.checkpoint)
        if data is None:
            if _process() == 0:
                print(f"{self.checkpoint} is not there yet: the run starts afresh")
            return
        tensors, about = checkpoints.parse(data, self.checkpoint)
        self._require_same(about.get("settings"))
        checkpoints.fill(self.model, tensors, self.checkpoint)
        self._fill_optimizer(tensors)
        epoch, self.step = tensors["run.position"].tolist()
        self.history, self.seconds = History(**about["history"]), about["seconds"]
        self.losses.copy_(tensors["run.losses"])
        self.order = tensors["run.order"]
        torch.set_rng_state(tensors["run.random"])
        if "run.random_cuda" in tensors and self.losses.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["run.random_cuda"], self.losses.device)
        if self.schedule and (done := epoch * self.steps + self.step):
            before = {"last_epoch": done - 1, "_step_count": done + 1}
            self.schedule.load_state_dict(self.schedule.state_dict() | before)
            self.schedule.step()  # the rate follows from the number of steps alone

    def _require_same(self, settings: dict | None) -> None:
        """Refuse a checkpoint of another run; a run without a schedule may become longer."""
        if settings is None:
            raise CheckpointError(f"{self.checkpoint} holds a model's weights, and no run to go on with")
        for name, ours in self.settings.items():
            theirs = settings.get(name)
            longer = name == "epochs" and self.schedule is None and theirs <= ours
            if theirs != ours and not longer:
                raise CheckpointError(f"{self.checkpoint} is of a run with {name} {theirs}; this one has {ours}")

    def _fill_optimizer(self, tensors: dict[str, Tensor]) -> None:
        """Give Adam its moments, each laid out in memory as its parameter is."""
        state = {}
        for index, parameter in enumerate(self.model.parameters()):
            prefix = f"optimizer.{index}."
            names = [name for name in tensors if name.startswith(prefix)]
            own = {name.removeprefix(prefix): tensors[name] for name in names}
            laid_out = {name: torch.empty_like(parameter).copy_(own[name]) for name in own.keys() - {"step"}}
            state |= {index: own | laid_out} if own else {}
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, *, batch_size: int = 1000) -> float:
    """Mean squared error per pixel over all the images, the same for every batch size.

    The model is in evaluation mode meanwhile, and in its own mode again afterwards.

    Args:
        model: gives back a reconstruction of the shape of the images it is given.
        images: (N, …), uint8, or floats in [0, 1].
        batch_size: images at a time.

    Raises:
        TypeError, ValueError: where the images or the batch size are not as above.
    """
    _require_positive(batch_size=batch_size)
    images = _checked(images).to(_device_of(model))
    total = torch.zeros((), dtype=torch.float64)
    with _mode(model, training=False), _tf32(images.device, allowed=False):
        for batch in torch.arange(len(images), device=images.device).split(batch_size):
            total += _reconstruction_loss(model, images, batch).double().cpu() * len(batch)
    return total.item() / len(images)


def _reconstruction_loss(model: nn.Module, images: Tensor, batch: Tensor) -> Tensor:
    """Mean squared error per pixel of the images that ``batch`` lists by index, computed in fp32."""
    pixels = images.index_select(0, batch)
    pixels = pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels.float()
    return F.mse_loss(model(pixels).float(), pixels)


def _processes() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _process() -> int:
    """Which of them this is, from 0."""
    return dist.get_rank() if _processes() > 1 else 0


def _mean_over_processes(values: Tensor) -> Tensor:
    if _processes() == 1:
        return values
    total = values.clone()
    dist.all_reduce(total)
    return total / _processes()


def _from_the_first_process(path: str | os.PathLike) -> bytes | None:
    """The file as the first process reads it, in every process; None where it is not there."""
    data = Path(path).read_bytes() if _process() == 0 and Path(path).exists() else None
    if _processes() > 1:
        shared = [data]
        dist.broadcast_object_list(shared)
        data = shared[0]
    return data


def _fingerprint(images: Tensor) -> dict:
    """What tells a checkpoint's training images from others."""
    pixels = images.cpu().contiguous().view(-1).view(torch.uint8).numpy()
    digest = hashlib.sha256(pixels.data).hexdigest()
    return {"shape": list(images.shape), "dtype": str(images.dtype), "sha256": digest}


def _checked(images: Tensor) -> Tensor:
    """The images, if they are what ``fit`` and ``evaluate`` take."""
    accepted = "images must be a tensor of at least one image, uint8, or finite floats in [0, 1]"
    if not isinstance(images, Tensor):
        raise TypeError(f"{accepted}; this is a {type(images).__name__}")
    if images.dim() == 0 or len(images) == 0:
        raise ValueError(f"{accepted}; these have the shape {tuple(images.shape)}")
    if images.dtype == torch.uint8:
        return images
    if not images.is_floating_point():
        raise TypeError(f"{accepted}; these are {images.dtype}")
    low, high = (end.item() for end in images.aminmax())
    if not (low >= 0 and high <= 1):  # written so that nan, which compares with nothing, is refused too
        raise ValueError(f"{accepted}; these go from {low:g} to {high:g}")
    return images


def _require_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not number > 0:
            raise ValueError(f"{name} must be above 0, and is {number}")


def _device_of(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


@contextmanager
def _mode(model: nn.Module, training: bool) -> Iterator[None]:
    """The model in training or evaluation mode, and afterwards every module of it in its own mode again."""
    modes = {module: module.training for module in model.modules()}
    model.train(training)
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def _tf32(device: torch.device, allowed: bool) -> Iterator[None]:
    """On CUDA, whether fp32 products may round their factors to TF32; other devices have no such thing."""
    if device.type != "cuda":
        yield
        return
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.backends.cudnn.allow_tf32 = before[1]
