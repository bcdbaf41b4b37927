"""Several processes that train one model together, started by ``torchrun``; alone, each of these does nothing."""

import torch
import torch.distributed as dist
from torch import Tensor, nn


def count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return dist.get_rank() if count() > 1 else 0


def mean(values: Tensor) -> Tensor:
    """The mean of a tensor over the processes."""
    if count() == 1:
        return values
    total = values.clone()
    dist.all_reduce(total)
    return total / count()


def gathered(values: Tensor) -> list[Tensor]:
    """The tensor of every process, in their order."""
    if count() == 1:
        return [values]
    every: list = [None] * count()
    dist.all_gather_object(every, values)
    return every


def from_the_first(value):
    """What the first process holds, in every process."""
    if count() == 1:
        return value
    shared = [value]
    dist.broadcast_object_list(shared)
    return shared[0]


def take_over(tensors) -> None:
    """Give every process the first one's tensors, in place."""
    if count() > 1:
        with torch.no_grad():
            for tensor in tensors:
                dist.broadcast(tensor, 0)


def average_gradients(model: nn.Module, weight: float, stop: bool) -> bool:
    """Make every gradient the weighted mean over the processes, and tell whether any of them wants to stop.

    A parameter that no process used keeps no gradient, as when a process trains alone.

    Args:
        model: whose gradients there are.
        weight: of this process; the mean of all weights is 1.
        stop: whether this process wants to stop after the step.
    """
    if count() == 1:
        return stop
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    wanted = [stop, *(parameter.grad is not None for parameter in parameters)]
    wanted = torch.tensor(wanted, device=parameters[0].device, dtype=torch.int32)
    dist.all_reduce(wanted, dist.ReduceOp.MAX)
    stop, *used = map(bool, wanted.tolist())
    parameters = [parameter for parameter, by_any in zip(parameters, used, strict=True) if by_any]
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    if parameters:
        together = torch.cat([parameter.grad.reshape(-1) for parameter in parameters]) * (weight / count())
        dist.all_reduce(together)
        parts = together.split([parameter.numel() for parameter in parameters])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad.copy_(part.view_as(parameter))
    return stop
