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


def average_gradients(model: nn.Module, weight: float = 1.0) -> None:
    """Make every gradient the weighted mean over the processes; ``weight`` is this one's, and their mean is 1.

    A parameter that no process used keeps no gradient, as when a process trains alone.
    """
    if count() == 1:
        return
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    device = parameters[0].device
    used = torch.tensor([parameter.grad is not None for parameter in parameters], device=device).int()
    dist.all_reduce(used, dist.ReduceOp.MAX)
    parameters = [parameter for parameter, by_any in zip(parameters, used.tolist(), strict=True) if by_any]
    if not parameters:
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    together = torch.cat([parameter.grad.reshape(-1) for parameter in parameters]) * (weight / count())
    dist.all_reduce(together)
    for parameter, part in zip(parameters, together.split([p.numel() for p in parameters]), strict=True):
        parameter.grad.copy_(part.view_as(parameter))
