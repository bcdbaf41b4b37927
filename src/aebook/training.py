"""The training loop that every chapter uses."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from tqdm.auto import tqdm


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


def fit(
    model: nn.Module,
    images: Tensor,
    *,
    epochs: int,
    learning_rate: float,
    seed: int,
    batch_size: int = 256,
    test_images: Tensor | None = None,
    progress: bool = True,
) -> History:
    """Teach an autoencoder to copy ``images``, with Adam and mean squared error.

    The images move to the model's device once, as they are, and become floats a batch at a time.
    Stopping the run by hand (KeyboardInterrupt, the stop button) is no error: the model keeps what it
    has learned, and the history of the finished epochs is returned.

    Args:
        model: gives back a reconstruction of the shape of the images it is given.
        images: (N, …), uint8, or floats in [0, 1].
        epochs: how many times to go through all the images.
        learning_rate: Adam's.
        seed: orders the batches and nothing else; a model's first weights come from ``torch.manual_seed``.
        batch_size: images a step; the last step of an epoch takes what is left.
        test_images: evaluated after every epoch where given.
        progress: whether to show the progress bar, with the epoch's mean loss so far.

    Raises:
        TypeError, ValueError: where the images or a number are not as above.
        FloatingPointError: where the loss is no longer finite; names the epoch and the first such step.
    """
    _require_positive(epochs=epochs, learning_rate=learning_rate, batch_size=batch_size)
    images = _checked(images).to(_device_of(model))
    test_images = None if test_images is None else _checked(test_images).to(images.device)
    shuffle = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    steps = math.ceil(len(images) / batch_size)
    history = History()
    with _mode(model, training=True), tqdm(total=epochs * steps, mininterval=0.25, disable=not progress) as bar:
        try:
            for epoch in range(1, epochs + 1):
                started = time.perf_counter()
                batches = torch.randperm(len(images), generator=shuffle).to(images.device).split(batch_size)
                history.train_loss.append(_train_epoch(model, images, batches, optimizer, epoch, bar))
                history.seconds.append(time.perf_counter() - started)
                if test_images is not None:
                    history.test_loss.append(evaluate(model, test_images))
        except KeyboardInterrupt:
            history.interrupted = True
    return history


def _train_epoch(
    model: nn.Module, images: Tensor, batches: Sequence[Tensor], optimizer: Optimizer, epoch: int, bar: tqdm
) -> float:
    """One step for each batch, a list of indices into ``images``; returns the mean loss over all of them."""
    losses = torch.zeros(len(batches), device=images.device)  # stays on the device: reading it makes a GPU wait
    seen = 0
    for step, batch in enumerate(batches):
        loss = _reconstruction_loss(model, images, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[step] = loss.detach() * len(batch)
        seen += len(batch)
        if bar.update():  # true a few times a second, when the bar is drawn
            bar.set_postfix_str(f"loss {_mean(losses[: step + 1], seen, epoch):.4f}", refresh=False)
    return _mean(losses, seen, epoch)


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
    with _mode(model, training=False):
        for batch in torch.arange(len(images), device=images.device).split(batch_size):
            total += _reconstruction_loss(model, images, batch).double().cpu() * len(batch)
    return total.item() / len(images)


def _reconstruction_loss(model: nn.Module, images: Tensor, batch: Tensor) -> Tensor:
    """Mean squared error per pixel of the images that ``batch`` lists by index."""
    pixels = images.index_select(0, batch)
    pixels = pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels.float()
    return F.mse_loss(model(pixels), pixels)


def _mean(losses: Tensor, images: int, epoch: int) -> float:
    """The mean loss per image so far, from each step's summed loss; refuses a loss that is not finite."""
    losses = losses.cpu().double()
    if not losses.isfinite().all():
        step = int((~losses.isfinite()).nonzero()[0]) + 1
        loss = losses[step - 1].item()
        raise FloatingPointError(f"the loss is {loss} in epoch {epoch}, step {step}; try a smaller learning rate")
    return losses.sum().item() / images


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
