"""A run of ``fit`` as the tensors and the words of a checkpoint, and back, bit for bit."""

import math
import platform
from dataclasses import asdict

import torch
from torch import Tensor

from aebook import checkpoints, devices, processes
from aebook.batches import Loader
from aebook.checkpoints import CheckpointError

LAST = "run.last."  # the run's own weights, where the checkpoint's model has those of the best epoch


def tensors_of(run) -> dict[str, Tensor]:
    """All that a run stands on: its model and Adam's moments, its place, order and losses, the generators."""
    last = checkpoints.model_tensors(run.model)
    tensors = dict(run.best or last)
    if run.best:
        tensors |= {LAST + name: tensor for name, tensor in last.items()}
    for index, state in run.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in state.items()}
    tensors |= {"run.position": torch.tensor([run.epoch, run.underway.step]), "run.order": run.order}
    tensors |= {"run.losses": processes.mean(run.underway.losses)}
    for rank, states in enumerate(processes.gathered(run.random)):
        tensors |= {f"run.random.{rank}.{name}": state for name, state in states.items()}
    return tensors


def about(run) -> dict:
    """What the checkpoint says of itself, as JSON can hold it."""
    history = asdict(run.history)
    for numbers in history.values():
        if isinstance(numbers, list):  # JSON has no nan
            numbers[:] = [None if math.isnan(number) else number for number in numbers]
    return {
        "model": checkpoints.describe(run.model),
        "settings": run.plan.settings,
        "history": history,
        "seconds": run.underway.seconds,
        "images": run.underway.images,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }


def resume(run) -> None:
    """Stand where the run's checkpoint says, or at the start where there is none.

    Raises:
        CheckpointError: where it is of another run; the model is left as it was.
    """
    path = run.plan.checkpoint
    data = processes.from_the_first(path.read_bytes() if processes.rank() == 0 and path.exists() else None)
    if data is None:
        if processes.rank() == 0:
            print(f"{path} is not there yet: the run starts afresh")
        return
    tensors, said = checkpoints.parse(data, path)
    _require_same(run, said.get("settings"))
    epoch, step = tensors["run.position"].tolist()
    _require_beginning(run, step)
    model = {name: tensor for name, tensor in tensors.items() if name.startswith(checkpoints.MODEL)}
    last = {name.removeprefix(LAST): tensor for name, tensor in tensors.items() if name.startswith(LAST)}
    checkpoints.fill(run.model, last or model, path)
    run.best = model if last else {}
    _fill_optimizer(run, tensors)
    run.stand(epoch, step, said, tensors)
    _fill_random(run, tensors)


def _require_same(run, settings: dict | None) -> None:
    """Refuse a checkpoint of another run; a run without a schedule may become longer."""
    path = run.plan.checkpoint
    if settings is None:
        raise CheckpointError(f"{path} holds a model's weights, and no run to go on with")
    for name, ours in run.plan.settings.items():
        theirs = settings.get(name)
        longer = name == "epochs" and run.schedule is None and theirs <= ours
        if theirs != ours and not longer:
            raise CheckpointError(f"{path} is of a run with {name} {theirs}; this one has {ours}")


def _require_beginning(run, step: int) -> None:
    if isinstance(run.source, Loader) and 0 < step < run.source.steps:
        raise CheckpointError(
            f"{run.plan.checkpoint} was saved within an epoch, and a DataLoader begins its epochs anew; "
            "go on from a file saved at an epoch's end"
        )


def _fill_optimizer(run, tensors: dict[str, Tensor]) -> None:
    """Give Adam its moments, each laid out in memory as its parameter is."""
    state = {}
    for index, parameter in enumerate(run.model.parameters()):
        prefix = f"optimizer.{index}."
        names = [name for name in tensors if name.startswith(prefix)]
        own = {name.removeprefix(prefix): tensors[name] for name in names}
        laid_out = {name: torch.empty_like(parameter).copy_(own[name]) for name in own.keys() - {"step"}}
        state |= {index: own | laid_out} if own else {}
    groups = run.optimizer.state_dict()["param_groups"]
    run.optimizer.load_state_dict({"state": state, "param_groups": groups})


def _fill_random(run, tensors: dict[str, Tensor]) -> None:
    """Put the generators of this process back; where there are more processes than then, the new ones go on."""
    prefix = f"run.random.{processes.rank()}."
    states = {name.removeprefix(prefix): state for name, state in tensors.items() if name.startswith(prefix)}
    if states:
        devices.set_random_state(states, run.device)
        run.source.set_random_state(states)
        run.note_random()
