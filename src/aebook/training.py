"""The training loop that every chapter uses, whole: ``fit``, and ``evaluate`` beside it.

Several processes, started by ``torchrun``, train one model together: see ``fit``.
"""

import os
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook import batches, contract, devices
from aebook.contract import Loss
from aebook.records import History, Interrupted
from aebook.running import Plan, Run, mode

__all__ = ["History", "Interrupted", "evaluate", "fit", "mean_squared_error", "train"]


def mean_squared_error(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
    """The mean squared error per pixel, in fp32; images are (B, …)."""
    reconstructions = model(seen)
    contract.require_reconstructions(reconstructions, wanted)
    return F.mse_loss(reconstructions.float(), wanted)


def fit(
    model: nn.Module,
    images,
    *,
    epochs: int,
    learning_rate: float,
    seed: int,
    batch_size: int | None = None,
    loss: Loss = mean_squared_error,
    corrupt: Callable[[Tensor], Tensor] | None = None,
    schedule: str | None = None,
    weight_decay: float = 0.0,
    precision: str = "fp32",
    channels_last: bool = False,
    test_images=None,
    valid_images=None,
    keep_best: bool = False,
    patience: int | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    on_epoch: Callable[[History], None] | None = None,
    progress: bool = True,
) -> History:
    """Teach an autoencoder to copy ``images``, with Adam.

    Images in one tensor move to the model's device once, as they are, and become floats a batch at a time; what
    does not fit there travels a batch at a time. Before the first step, whatever cannot be trained is refused.

    Where ``torch.distributed`` has been initialized, every process takes its share of each batch, gradients are
    averaged over all of them, and the first process alone writes and shows progress. Batch normalization then
    counts each process's share by itself.

    Args:
        model: in fp32, on one device; gives back a reconstruction of the shape of the images it is given.
        images: a tensor or NumPy array, (N, …), uint8 or floats in [0, 1]; or a Dataset or DataLoader of such
            images, or of pairs (image, label), whose labels are not used.
        epochs: how many times to go through all the images.
        learning_rate: Adam's; the highest one, where there is a schedule.
        seed: orders the batches and nothing else: a model's first weights, and what ``corrupt`` does by chance,
            come from ``torch.manual_seed``. A DataLoader has an order of its own.
        batch_size: images a step, over all processes, 256 if not given; the last step of an epoch takes what is
            left. A DataLoader has its own.
        loss: a function of the model, what it sees and what is wanted, both (B, …), that gives a scalar.
        corrupt: makes what the model sees, from images (B, …) that it leaves as they are; the target stays.
        schedule: None keeps the learning rate; ``"one-cycle"`` raises it to ``learning_rate`` and lowers it to
            almost nothing, and moves Adam's first beta the other way (OneCycleLR).
        weight_decay: Adam's: this times the weights is added to their gradient.
        precision: ``"fp32"``, ``"bf16"`` (autocast), or ``"auto"``: see ``best_precision``. Evaluation is fp32.
        channels_last: lay convolutions out for speed meanwhile; a model that uses ``view`` after them cannot.
        test_images: evaluated after every epoch where given, with ``loss`` and ``corrupt``.
        valid_images: the same; these may steer the run.
        keep_best: leave the model with the weights of the epoch whose validation loss was least.
        patience: end the run when so many epochs have brought no smaller validation loss.
        checkpoint: a file that is written at every epoch's end, whole or not at all. With ``keep_best`` its model
            is the best so far.
        checkpoint_every: steps after which it is written within an epoch too; not for a DataLoader.
        resume: go on from the checkpoint, to the weights of a run that was never stopped. Where the file is not
            there, the run starts afresh and says so. Without a schedule, ``epochs`` may be more than at first.
        on_epoch: called after every epoch, with the history so far.
        progress: whether to show the progress bar, with the epoch's mean loss so far.

    Raises:
        Interrupted: where the run is stopped by hand (Ctrl-C, the stop button), after the step under way; the
            model keeps what it has learned, and the checkpoint is written.
        TypeError, ValueError: where an argument is not as above.
        FloatingPointError: where the loss is no longer finite; names the epoch and the first such step.
        CheckpointError: where the checkpoint cannot be gone on from; the file is left as it is.
    """
    settings = {"epochs": epochs, "learning_rate": learning_rate, "seed": seed, "batch_size": batch_size}
    settings |= {"loss": contract.name_of(loss), "corrupt": contract.name_of(corrupt), "schedule": schedule}
    settings |= {"weight_decay": weight_decay, "precision": precision, "channels_last": channels_last}
    settings |= {"keep_best": keep_best, "patience": patience}
    run = Run(model, images, Plan(settings, checkpoint, checkpoint_every, resume, progress))
    held_out = run.held_out(valid_loss=valid_images, test_loss=test_images)
    with run:
        loss = contract.checked(loss, run.one_image_to_come)
        corrupt = corrupt and contract.checked_corrupt(corrupt)
        train(model, run, loss=loss, corrupt=corrupt, held_out=held_out, on_epoch=on_epoch)
    return run.history


def train(model: nn.Module, run: Run, *, loss: Loss, corrupt=None, held_out: Mapping, on_epoch=None) -> None:
    """The loop of ``fit``, whole.

    ``held_out`` has images by the name of their list in the history.
    """
    optimizer, schedule = run.optimizer, run.schedule
    while run.goes_on:
        for wanted in run.batches():  # (B, …), floats on the model's device
            seen = corrupt(wanted) if corrupt else wanted
            with run.autocast:
                batch_loss = loss(model, seen, wanted)
            optimizer.zero_grad()
            batch_loss.backward()
            run.average_gradients()
            optimizer.step()
            if schedule:
                schedule.step()
            run.record(batch_loss)
        losses = {}
        for name, images in held_out.items():
            losses[name] = evaluate(model, images, loss=loss, corrupt=corrupt)
        run.end_epoch(losses)
        if on_epoch:
            on_epoch(run.history)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    images,
    *,
    loss: Loss = mean_squared_error,
    corrupt: Callable[[Tensor], Tensor] | None = None,
    batch_size: int | None = None,
) -> float:
    """The mean loss per image over all the images; mean squared error per pixel where no other is given.

    The model is in evaluation mode meanwhile, and in its own mode again afterwards.

    Args:
        model: gives back a reconstruction of the shape of the images it is given; it may be without parameters.
        images: what ``fit`` takes.
        loss: a function of the model, what it sees and what is wanted, that gives the mean over a batch.
        corrupt: makes what the model sees. What it does by chance is the same at every call, and leaves PyTorch's
            generators as they were.
        batch_size: images at a time, 250 if not given: it decides the speed, and what ``corrupt`` does by chance.
            A DataLoader has its own.

    Raises:
        TypeError, ValueError: where the images, the batch size or the model are not as above.
    """
    device = contract.require_model(model)
    source = batches.source(images, device, batch_size, usual=batches.AT_ONCE)
    loss = contract.checked(loss)
    corrupt = corrupt and contract.checked_corrupt(corrupt)
    total, count = torch.zeros((), dtype=torch.float64), 0
    with mode(model, training=False), devices.tf32(device, allowed=False), devices.same_chance(device, corrupt):
        for wanted in source:
            seen = corrupt(wanted) if corrupt else wanted
            total += loss(model, seen, wanted).double().cpu().reshape(()) * len(wanted)
            count += len(wanted)
    return total.item() / count
