"""What a model, a loss and a number have to be for ``fit`` and ``evaluate``, each refusal one sentence."""

import math
import operator
from collections.abc import Callable
from contextlib import contextmanager
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parameter import UninitializedTensorMixin

Loss = Callable[[nn.Module, Tensor, Tensor], Tensor]


class ContractError(ValueError):
    """A model, a loss or images that do not go together; the message says what was given and what is accepted."""


def whole(name: str, number, least: int = 1) -> int:
    """A whole number of at least ``least``, also one of NumPy's or a tensor with one element."""
    truth = isinstance(number, bool) or str(getattr(number, "dtype", "")).endswith("bool")
    try:
        number = operator.index("" if truth else number)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, and is {number!r}") from None
    if number < least:
        raise ValueError(f"{name} must be {_at_least(least)}, and is {number}")
    return number


def real(name: str, number, zero: bool = False) -> float:
    """A finite number above 0 (or, with ``zero``, of at least 0), also one of NumPy's or of a tensor's."""
    if isinstance(number, bool | str) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, and is {number!r}")
    number = float(number)
    if not (number > 0 or (zero and number == 0)) or math.isinf(number):
        raise ValueError(f"{name} must be {'at least' if zero else 'above'} 0, and is {number:g}")
    return number


def _at_least(least: int) -> str:
    return "above 0" if least == 1 else f"at least {least}"


def name_of(function: Callable | None) -> str | None:
    """What tells one loss or ``corrupt`` from another in a checkpoint: its name."""
    return None if function is None else getattr(function, "__qualname__", type(function).__name__)


def require_model(model: nn.Module) -> torch.device:
    """The model's one device; a model without tensors is on the CPU.

    Raises:
        TypeError, ValueError: where it is no module, not yet whole, not in fp32, or on several devices.
    """
    if isinstance(model, type):
        raise TypeError(f"model must be an nn.Module, and is the class {model.__name__}; make one of it first")
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be an nn.Module, and is a {type(model).__name__}")
    name = type(model).__name__
    for path, parameter in model.named_parameters():
        if isinstance(parameter, UninitializedTensorMixin):
            raise ValueError(f"{name}'s {path} has no shape yet; call the model once with images, then train it")
        if parameter.dtype != torch.float32:
            raise TypeError(f"{name} must be in torch.float32, and {path} is {parameter.dtype}; use model.float()")
    devices = sorted({str(tensor.device) for tensor in chain(model.parameters(), model.buffers())}) or ["cpu"]
    if len(devices) > 1 or devices == ["meta"]:
        raise ValueError(f"{name} must be on one device, and is on {' and '.join(devices)}; use model.to(device)")
    return torch.device(devices[0])


def require_trainable(model: nn.Module) -> None:
    """Refuse a model in which there is nothing to train."""
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError(f"fit trains parameters, and {type(model).__name__} has none; evaluate takes it")
    if not any(parameter.requires_grad for parameter in parameters):
        raise ValueError(f"fit trains parameters, and all of {type(model).__name__}'s have requires_grad=False")


def require_reconstructions(reconstructions: Tensor, wanted: Tensor) -> None:
    """Refuse what is no tensor of floats of the wanted images' shape: nothing is ever broadcast into a loss."""
    accepted = f"the model must give one floating tensor of the shape {_batch(wanted)}"
    if not isinstance(reconstructions, Tensor):
        advice = ", of which the loss can take what it needs: give fit and evaluate a loss of your own"
        kind = type(reconstructions).__name__
        raise ContractError(f"{accepted}; it gives a {kind}{advice if reconstructions is not None else ''}")
    if reconstructions.shape != wanted.shape:
        shapes = f"{tuple(reconstructions.shape)} for images {tuple(wanted.shape)}"
        raise ContractError(f"{accepted}; it gives {shapes}")
    if not reconstructions.is_floating_point():
        raise ContractError(f"{accepted}; it gives {reconstructions.dtype}")
    if reconstructions.device != wanted.device:
        raise ContractError(f"{accepted} on {wanted.device}; it gives one on {reconstructions.device}")


def checked(loss: Loss, one_image_to_come: bool = False) -> Loss:
    """The loss, which refuses in a sentence what cannot be trained or evaluated, at its first call if it can.

    Args:
        loss: of the model, what it sees and what is wanted; a scalar.
        one_image_to_come: whether a later batch will hold a single image.
    """
    if not callable(loss):
        raise TypeError(f"loss must be a function of the model, what it sees and what is wanted, and is {loss!r}")
    called = False

    def value_of(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
        nonlocal called
        if called:
            value = loss(model, seen, wanted)
        else:
            with (
                _explained(model, seen),
                _normalizes(model, one_image_to_come),
                _kept(wanted, "the model"),
            ):
                value = loss(model, seen, wanted)
        called = True
        require_scalar(value)
        return value

    return value_of


def checked_corrupt(corrupt: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """``corrupt``, refused where it changes the images in place (they are the target too) or gives no tensor."""
    if not callable(corrupt):
        raise TypeError(f"corrupt must be a function that makes what the model sees, and is {corrupt!r}")

    called = False

    def seen_of(wanted: Tensor) -> Tensor:
        nonlocal called
        if called:  # to compare every time would make a GPU wait
            return corrupt(wanted)
        with _kept(wanted, "corrupt"):
            seen = corrupt(wanted)
        called = True
        if not isinstance(seen, Tensor):
            raise ContractError(f"corrupt must give a tensor, and gives a {type(seen).__name__}")
        return seen

    return seen_of


def require_scalar(value: Tensor) -> None:
    """Refuse a loss that is no scalar, or, where gradients are wanted, that none goes back from."""
    accepted = "the loss must be a tensor with one floating number"
    if not isinstance(value, Tensor):
        raise ContractError(f"{accepted}, and is a {type(value).__name__}")
    if value.numel() != 1 or not value.is_floating_point():
        raise ContractError(f"{accepted}, and is {value.dtype} of the shape {tuple(value.shape)}")
    if torch.is_grad_enabled() and not value.requires_grad:
        raise ContractError(
            "the loss must depend on the model's parameters, and no gradient leads to any of them: "
            "the model's output is detached, or computed under no_grad"
        )


@contextmanager
def _explained(model: nn.Module, seen: Tensor):
    """PyTorch's words where the model cannot take the images, with what was given and what is accepted."""
    try:
        yield
    except ContractError:
        raise
    except (ArithmeticError, MemoryError):
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        given = f"{type(model).__name__} was given images of the shape {_batch(seen)}"
        raise ContractError(f"{given}, and fails: {reason}{_accepts(model, seen)}") from error


def _accepts(model: nn.Module, seen: Tensor) -> str:
    """What the model's first layer takes, and what may help."""
    layers = (module for module in model.modules() if isinstance(module, nn.Linear | nn.Conv2d | nn.Conv1d))
    layer = next(layers, None)
    words = ""
    if isinstance(layer, nn.Linear):
        words = f"; its first layer takes {layer.in_features} numbers"
    elif layer is not None:
        words = f"; its first layer takes {layer.in_channels} channels"
    if seen.dim() == 4 and seen.shape[-1] <= 4 < seen.shape[1]:
        words += "; PyTorch has the channels first: try images.permute(0, 3, 1, 2)"
    if len(seen) == 1 and any(isinstance(module, _BatchNorm) for module in model.modules()):
        words += "; batch normalization cannot train on a single image: take a larger batch_size"
    return words


@contextmanager
def _normalizes(model: nn.Module, one_image_to_come: bool):
    """Refuse, before the first step, a batch of one image that batch normalization will not be able to take."""
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)] if one_image_to_come else []
    alone = []  # the layers to which an image gives one number a channel, so that a single image has no variance

    def note(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if inputs[0].shape[2:].numel() == 1:
            alone.append(layer)

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
    if any(layer.training for layer in alone):
        raise ContractError(
            f"the last batch of an epoch would hold a single image, which {type(alone[0]).__name__} cannot "
            "normalize; choose another batch_size, or leave one image out"
        )


@contextmanager
def _kept(wanted: Tensor, culprit: str):
    """Refuse whoever changes the wanted images in place: the loss would compare with the changed ones."""
    before = wanted.clone()
    yield
    if not torch.equal(before, wanted):
        raise ContractError(f"{culprit} changes the images in place, and so the target; use images.clone()")


def _batch(images: Tensor) -> str:
    return f"({', '.join(['B', *map(str, images.shape[1:])])})"
