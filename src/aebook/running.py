"""A run of ``fit``: where it stands, its bar, its stop button, its checkpoint. Its steps are in ``training``."""

import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from tqdm.auto import tqdm

from aebook import checkpoints, contract, devices, files, processes, resuming
from aebook.batches import AT_ONCE, Loader, source
from aebook.records import Epoch, History, Interrupted

SCHEDULES = (None, "one-cycle")


class StopButton:
    """Ctrl-C, or Jupyter's stop button: heard at the end of the step under way, so that no step is left half done.

    Several processes stop after the same step, or they would wait for each other. Pressed twice, it is obeyed at
    once.

    Attributes:
        busy: whether a step is under way.
        pressed: whether this process has heard it.
        agreed: whether all processes know of it.
    """

    def __init__(self):
        self.busy = self.pressed = self.agreed = False

    def hold(self) -> None:
        """From here on a step is under way."""
        self.busy = True

    def release(self) -> None:
        """The step is whole.

        Raises:
            KeyboardInterrupt: where the button was pressed meanwhile.
        """
        self.busy = False
        if self.agreed or (self.pressed and processes.count() == 1):
            raise KeyboardInterrupt

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen. A program with a listener of its own, or a thread, keeps what it has."""
        main = threading.current_thread() is threading.main_thread()
        if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _press(self, *_) -> None:
        waits = self.busy or processes.count() > 1
        if self.pressed or not waits:
            raise KeyboardInterrupt
        self.pressed = True


@dataclass
class Plan:
    """What ``fit`` was asked for; refuses numbers and words that make no sense.

    Attributes:
        settings: all that decides the weights that come out, by the names of ``fit``'s arguments.
        checkpoint: the file, or None.
        checkpoint_every: steps, or None.
        resume: whether to go on from the file.
        progress: whether to show the bar.
    """

    settings: dict
    checkpoint: Path | None = None
    checkpoint_every: int | None = None
    resume: bool = False
    progress: bool = True

    def __post_init__(self):
        settings = self.settings
        settings["seed"] = contract.whole("seed", settings["seed"], least=-(2**63))
        settings["epochs"] = contract.whole("epochs", settings["epochs"])
        settings["learning_rate"] = contract.real("learning_rate", settings["learning_rate"])
        settings["weight_decay"] = contract.real("weight_decay", settings["weight_decay"], zero=True)
        for name in ("batch_size", "patience"):
            settings[name] = None if settings[name] is None else contract.whole(name, settings[name])
        if settings["schedule"] not in SCHEDULES:
            raise ValueError(f"schedule must be None or 'one-cycle', and is {settings['schedule']!r}")
        if self.checkpoint_every is not None:
            self.checkpoint_every = contract.whole("checkpoint_every", self.checkpoint_every)
        if self.checkpoint is None and (self.resume or self.checkpoint_every):
            raise ValueError("resume and checkpoint_every need a checkpoint, and there is none")


class Run:
    """What the loop of ``fit`` steps with, and where it stands; as a context it leaves everything tidy.

    Attributes:
        optimizer: fused Adam, over the model's parameters.
        schedule: of the learning rate, or None.
        autocast: bf16 where the run is to be in bf16.
        history: what is recorded; as many entries as there are finished epochs.
    """

    def __init__(self, model: nn.Module, images, plan: Plan):
        self.model, self.plan, self.device = model, plan, contract.require_model(model)
        contract.require_trainable(model)
        settings = plan.settings
        self.source = source(images, self.device, settings["batch_size"])
        self._require_source()
        settings |= {"batch_size": self.source.batch_size}
        settings |= {"precision": devices.best_precision(settings["precision"], self.device)}
        if plan.checkpoint is not None:
            checkpoints.require_storable(checkpoints.model_tensors(model))
            checkpoints.require_writable(plan.checkpoint)
            plan.checkpoint = files.expanded(plan.checkpoint)
            settings |= {"images": self.source.fingerprint()}
        self.optimizer = devices.adam(model.parameters(), settings["learning_rate"], settings["weight_decay"])
        one_cycle, steps = settings["schedule"] == "one-cycle", settings["epochs"] * self.source.steps
        self.schedule = OneCycleLR(self.optimizer, settings["learning_rate"], steps) if one_cycle else None
        self.autocast = torch.autocast(self.device.type, torch.bfloat16, enabled=settings["precision"] == "bf16")
        self.shuffle = torch.Generator().manual_seed(settings["seed"])
        self.order = self.shuffle.get_state()  # as it was before the epoch under way was shuffled
        self.history, self.underway, self.button = History(), Epoch(self.source.steps, self.device), StopButton()
        self.best: dict[str, Tensor] = {}  # the model's tensors after the best epoch, where they are to be kept

    def _require_source(self) -> None:
        """Refuse what a DataLoader cannot do, because its order is its own."""
        if isinstance(self.source, Loader) and self.plan.checkpoint_every:
            raise ValueError(
                "checkpoint_every is not for a DataLoader, within whose epochs nobody can go on; "
                "leave it out: the checkpoint is written at every epoch's end"
            )
        if isinstance(self.source, Loader) and processes.count() > 1:
            raise ValueError("a DataLoader trains in one process; several share a tensor or a Dataset")

    @property
    def one_image_to_come(self) -> bool:
        """Whether an epoch's last batch gives a process a single image, and its first one more than that."""
        first, last = (size // processes.count() for size in self.source.sizes)
        return self.source.steps > 1 and last <= 1 < first

    def held_out(self, **images) -> dict:
        """The images that are there, by their names, made ready on the model's device; or refused."""
        given = {name: others for name, others in images.items() if others is not None}
        ready = {name: source(others, self.device, None, usual=AT_ONCE) for name, others in given.items()}
        for name, others in ready.items():
            if None not in (self.source.shape, others.shape) and self.source.shape != others.shape:
                both = f"{tuple(self.source.shape)}; for {name} they are {tuple(others.shape)}"
                raise ValueError(f"all images must have one shape, which of the training images is {both}")
        steering = [name for name in ("keep_best", "patience") if self.plan.settings[name]]
        if steering and "valid_loss" not in ready:
            raise ValueError(f"{steering[0]} goes by valid_images, and there are none")
        if self.plan.checkpoint is not None and steering:
            self.plan.settings["valid_images"] = ready["valid_loss"].fingerprint()
        return ready

    # Before the first step and after the last

    def __enter__(self) -> "Run":
        model = self.model
        with ExitStack() as stack:
            stack.enter_context(mode(model, training=True))
            stack.enter_context(devices.channels_last(model, self.plan.settings["channels_last"]))
            processes.take_over([*model.parameters(), *model.buffers()])
            self.note_random()
            if self.plan.resume:
                resuming.resume(self)
            self.untouched = [buffer.clone() for buffer in model.buffers()]
            self.bar = stack.enter_context(self._bar())
            stack.enter_context(self.button.heard())
            self.stack = stack.pop_all()
        return self

    def __exit__(self, kind, error, trace) -> None:
        self.stack.callback(self.bar.refresh)
        with self.stack:
            if kind is None:
                self._take_best()
            elif issubclass(kind, KeyboardInterrupt):
                self._stop()
            elif not (self.epoch or self.underway.step):  # refused: not even a running mean is to have moved
                for buffer, value in zip(self.model.buffers(), self.untouched, strict=True):
                    buffer.copy_(value)

    def _bar(self) -> tqdm:
        """The progress bar over all steps, standing where the run stands."""
        steps, hidden = self.source.steps, not self.plan.progress or processes.rank() > 0
        done = self.epoch * steps + self.underway.step
        return tqdm(total=self.plan.settings["epochs"] * steps, initial=done, mininterval=0.25, disable=hidden)

    def _take_best(self) -> None:
        if self.plan.settings["keep_best"] and self.best:
            checkpoints.fill(self.model, self.best, self.plan.checkpoint)

    def _stop(self) -> None:
        """Save what is whole, say where the run was stopped, and stop whatever would come after it."""
        self.history.interrupted = True
        within = isinstance(self.source, Loader) and 0 < self.underway.step < self.source.steps
        apart = processes.count() > 1 and not self.button.agreed  # stopped by itself: the others are elsewhere
        if not (self.button.busy or within or apart):
            self.save()
        epoch, step = self.epoch, self.underway.step
        where = f"after epoch {epoch + bool(step)}" if epoch or step else "before the first step"
        message = f"stopped {where}, step {step}" if step else f"stopped {where}"
        self.bar.set_postfix_str(message)
        raise Interrupted(message, self.history) from None

    # The epochs, their batches, their records

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return len(self.history.train_loss)

    @property
    def goes_on(self) -> bool:
        """Whether another epoch is due: there are more, and the validation loss has not stalled."""
        best, patience = self.history.best_epoch(), self.plan.settings["patience"]
        stalled = patience is not None and best is not None and self.epoch - 1 - best >= patience
        return self.epoch < self.plan.settings["epochs"] and not stalled

    def batches(self) -> Iterator[Tensor]:
        """The batches that the epoch still has, (B, …), floats on the device: one for each step."""
        underway, every = self.underway, self.plan.checkpoint_every
        started = time.perf_counter() - underway.seconds
        with devices.tf32(self.device, allowed=True):
            self.button.hold()
            for wanted in self._wanted():
                yield wanted
                underway.seconds = time.perf_counter() - started
                self.note_random()
                if every and underway.step % every == 0:
                    self.save()
                self.button.release()
                self.button.hold()
            self.button.release()
        underway.mean_loss(self.epoch + 1)  # refuses; and waits until a GPU has done all that it was told
        underway.seconds = time.perf_counter() - started

    def _wanted(self) -> Iterator[Tensor]:
        """The share of each batch that this process has; one image that weighs nothing where it has none."""
        if isinstance(self.source, Loader):
            if self.underway.step == 0:
                for images in self.source:
                    self.share, self.whole = len(images), len(images)
                    yield images
            return
        self.shuffle.set_state(self.order)
        order = torch.randperm(self.source.count, generator=self.shuffle).to(self.source.home)
        for places in order.split(self.source.batch_size)[self.underway.step :]:
            share = places[processes.rank() :: processes.count()]
            self.share, self.whole = len(share), len(places)
            yield self.source.batch(share if self.share else places[:1])

    def average_gradients(self) -> None:
        """With several processes, make every gradient that of the whole batch; and stop together, if any is to."""
        weight = self.share * processes.count() / self.whole
        self.button.agreed = processes.average_gradients(self.model, weight, self.button.pressed)

    def record(self, loss: Tensor) -> None:
        """Note the loss of a step, and show the mean so far when the bar is drawn, a few times a second."""
        self.underway.add(loss.detach().reshape(()) * (self.share * processes.count()), self.whole)
        if self.bar.update():
            self.bar.set_postfix_str(f"loss {self.underway.mean_loss(self.epoch + 1):.4f}", refresh=False)

    def end_epoch(self, held_out: Mapping[str, float]) -> None:
        """Write the epoch down with its losses on held-out images, save, and stand before the next one."""
        underway = self.underway
        self.button.hold()
        processes.take_over(self.model.buffers())
        underway.losses = processes.mean(underway.losses)
        numbers = {"train_loss": underway.mean_loss(self.epoch + 1), "seconds": underway.seconds}
        self.history.add(numbers | processes.from_the_first(dict(held_out)))
        if self.plan.settings["keep_best"] and self.history.best_epoch() == self.epoch - 1:
            self.best = {name: tensor.clone() for name, tensor in checkpoints.model_tensors(self.model).items()}
        self.order = self.shuffle.get_state()
        self.underway = Epoch(self.source.steps, self.device)
        self.note_random()
        self.save()
        self.button.release()

    # The checkpoint

    def note_random(self) -> None:
        """Note where the generators stand while everything is whole, for a checkpoint made later."""
        if self.plan.checkpoint is not None:
            self.random = devices.random_state(self.device) | self.source.random_state()

    def stand(self, epoch: int, step: int, said: Mapping, tensors: Mapping[str, Tensor]) -> None:
        """Be where a checkpoint was written: after so many epochs, and steps of the next one."""
        lists = {name: numbers for name, numbers in said["history"].items() if isinstance(numbers, list)}
        for numbers in lists.values():
            numbers[:] = [math.nan if number is None else number for number in numbers]
        self.history, self.order = History(**lists), tensors["run.order"]
        self.underway.step, self.underway.seconds, self.underway.images = step, said["seconds"], said["images"]
        self.underway.losses.copy_(tensors["run.losses"])
        if self.schedule and (done := epoch * self.source.steps + step):
            before = {"last_epoch": done - 1, "_step_count": done + 1}
            self.schedule.load_state_dict(self.schedule.state_dict() | before)
            self.schedule.step()  # the rate follows from the number of steps alone

    def save(self) -> None:
        """Write the checkpoint, where there is to be one; a run whose loss is not finite leaves the last one."""
        if self.plan.checkpoint is None:
            return
        self.underway.mean_loss(self.epoch + 1)  # refuses
        tensors = resuming.tensors_of(self)
        if processes.rank() == 0:
            checkpoints.save(self.plan.checkpoint, tensors, resuming.about(self))


@contextmanager
def mode(model: nn.Module, training: bool) -> Iterator[None]:
    """The model in evaluation or training mode, and afterwards every module of it in its own mode again."""
    modes = {module: module.training for module in model.modules()}
    model.train(training)
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
