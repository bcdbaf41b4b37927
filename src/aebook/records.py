"""What a run of ``fit`` writes down: of its epochs, of the one under way, and where it was stopped."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass
class History:
    """What a run of ``fit`` recorded: one entry an epoch in every list.

    A run that was resumed with images that its first part lacked has nan for the epochs of that part.

    Attributes:
        train_loss: the mean loss per image over the training images, while the weights were moving.
        valid_loss: the same over the validation images, after the epoch; empty where ``fit`` had none.
        test_loss: the same over the test images.
        seconds: how long the epoch's training took, evaluation not counted.
        interrupted: whether the run was stopped by hand, before its last epoch was over.
    """

    train_loss: list[float] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    interrupted: bool = False

    def add(self, numbers: Mapping[str, float]) -> None:
        """Write an epoch down: a number for each list that this run keeps."""
        epochs = len(self.train_loss)
        for name in ("train_loss", "valid_loss", "test_loss", "seconds"):
            kept = getattr(self, name)
            if name in numbers or kept:
                kept += [math.nan] * (epochs - len(kept)) + [numbers.get(name, math.nan)]

    def best_epoch(self) -> int | None:
        """The epoch, from 0, with the least validation loss; None where there is none."""
        losses = [loss if math.isfinite(loss) else math.inf for loss in self.valid_loss]
        return losses.index(min(losses)) if losses else None


class Interrupted(KeyboardInterrupt):
    """A run of ``fit`` that was stopped by hand; its model keeps what it has learned.

    Attributes:
        history: what was recorded until then.
    """

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


class Epoch:
    """How far the epoch under way is, and its losses, which stay on the device: reading them makes a GPU wait.

    Attributes:
        step: how many steps are done.
        images: how many images they have seen, over all processes.
        seconds: how long they took.
        losses: (steps,), each step's loss summed over its images.
    """

    def __init__(self, steps: int, device: torch.device):
        self.step, self.images, self.seconds = 0, 0, 0.0
        self.losses = torch.zeros(steps, device=device)

    def add(self, summed_loss: Tensor, images: int) -> None:
        """Note a step's loss, summed over its images."""
        self.losses[self.step] = summed_loss
        self.step, self.images = self.step + 1, self.images + images

    def mean_loss(self, number: int) -> float:
        """The mean loss per image so far; refuses one that is not finite, of the epoch of that number, from 1."""
        losses = self.losses[: self.step].cpu().double()
        if not losses.isfinite().all():
            step = int((~losses.isfinite()).nonzero()[0]) + 1
            where = f"{losses[step - 1].item()} in epoch {number}, step {step}"
            raise FloatingPointError(f"the loss is {where}; try a smaller learning rate")
        return losses.sum().item() / max(self.images, 1)
