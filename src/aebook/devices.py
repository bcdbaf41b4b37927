"""Where a model is trained and in which precision: the device, bf16, TF32, channels_last and Adam's fused step."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

PRECISIONS = ("auto", "bf16", "fp32")


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


def adam(parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float = 0.0) -> torch.optim.Adam:
    """Adam, its step fused into one pass over the weights on every device for which PyTorch has that."""
    parameters = list(parameters)
    settings = {"lr": learning_rate, "weight_decay": weight_decay}
    try:
        return torch.optim.Adam(parameters, **settings, fused=True)
    except RuntimeError:  # this device has none
        return torch.optim.Adam(parameters, **settings)


@contextmanager
def tf32(device: torch.device, allowed: bool) -> Iterator[None]:
    """On CUDA, whether fp32 products may round their factors to TF32; other devices have no such thing.

    PyTorch 2.9 brought a new interface, and refuses to read the old one once the new one was used, so whichever
    the installed PyTorch has is the one that is set, and put back afterwards.
    """
    if device.type != "cuda":
        yield
        return
    if hasattr(torch.backends.cuda.matmul, "fp32_precision"):
        settings = [(part, "fp32_precision") for part in (torch.backends.cuda.matmul, torch.backends.cudnn.conv)]
        value = "tf32" if allowed else "ieee"
    else:
        settings = [(part, "allow_tf32") for part in (torch.backends.cuda.matmul, torch.backends.cudnn)]
        value = allowed
    before = [getattr(*setting) for setting in settings]
    try:
        for setting in settings:
            setattr(*setting, value)
        yield
    finally:
        for setting, old in zip(settings, before, strict=True):
            setattr(*setting, old)


@contextmanager
def channels_last(model: nn.Module, wanted: bool) -> Iterator[None]:
    """The model's convolutions with all channels of a pixel side by side, and afterwards as they were.

    Tensors that share their memory with another one are left alone: laid out anew, they would no longer share it.
    """
    if not wanted:
        yield
        return
    tensors = [*model.parameters(), *model.buffers()]
    owners = [tensor.untyped_storage().data_ptr() for tensor in tensors]
    tensors = [t for t, owner in zip(tensors, owners, strict=True) if t.dim() == 4 and owners.count(owner) == 1]
    before = [tensor.stride() for tensor in tensors]
    _lay_out(tensors, [t.contiguous(memory_format=torch.channels_last).stride() for t in tensors])
    try:
        yield
    finally:
        _lay_out(tensors, before)


def _lay_out(tensors: list[Tensor], strides: list[tuple[int, ...]]) -> None:
    """Give each tensor those strides, in place: an optimizer that holds it goes on holding it."""
    for tensor, stride in zip(tensors, strides, strict=True):
        if tensor.stride() != stride:
            laid_out = torch.empty_strided(tensor.shape, stride, dtype=tensor.dtype, device=tensor.device)
            tensor.data = laid_out.copy_(tensor.data)


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Where PyTorch's own generators stand: the CPU's, and the device's where it has one of its own."""
    states = {"cpu": torch.get_rng_state()}
    if device.type in ("cuda", "mps"):
        states[device.type] = getattr(torch, device.type).get_rng_state(*_which(device))
    return states


def set_random_state(states: dict[str, Tensor], device: torch.device) -> None:
    """Put the generators back where they stood; a state of a kind of device that this is not is left out."""
    torch.set_rng_state(states["cpu"])
    if device.type in states and device.type != "cpu":
        getattr(torch, device.type).set_rng_state(states[device.type], *_which(device))


@contextmanager
def same_chance(device: torch.device, wanted: bool) -> Iterator[None]:
    """The generators from one fixed seed, and afterwards where they stood."""
    if not wanted:
        yield
        return
    before = random_state(device)
    torch.manual_seed(0)
    try:
        yield
    finally:
        set_random_state(before, device)


def _which(device: torch.device) -> tuple:
    return (device,) if device.type == "cuda" else ()
