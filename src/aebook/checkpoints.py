"""Checkpoints: one safetensors file, one rename. Nothing is ever unpickled, so loading runs no code of the file's.

The file holds tensors, and in its header two texts: ``about``, JSON that says what they are, and ``sha256``, the
digest of ``about`` and of every tensor with its name, type and shape. A file in which one bit differs is refused.
Beside it lies a copy of ``about`` for people to read; the programs never do.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn.parameter import UninitializedTensorMixin

from aebook import files

FORMAT = "aebook checkpoint 1"
MODEL = "model."  # what a model's own tensors are called, before the names that its state_dict gives them


class CheckpointError(ValueError):
    """A file that is no whole checkpoint, or not the one wanted; the message has its name and the reason."""


def save(path: str | os.PathLike, tensors: Mapping[str, Tensor], about: Mapping) -> None:
    """Write a checkpoint, so that at every moment ``path`` holds the old one or the new one, whole.

    Args:
        path: the file; its folder is made where it is not there. The readable copy is ``path`` and ``.json``.
        tensors: by name, on any device; each is stored by itself, also where several share their memory.
        about: anything that JSON can hold, and numbers and arrays of NumPy's and PyTorch's, which become JSON's.

    Raises:
        TypeError: where ``about`` or ``tensors`` hold something else; nothing is written.
        OSError: where the file cannot be written; what was there stays.
    """
    path = files.expanded(path)
    tensors = _storable(tensors)
    text = json.dumps({"format": FORMAT, **about}, default=_plain)
    data = safetensors.torch.save(tensors, {"about": text, "sha256": _digest(tensors, text)})
    files.replace(path, data)
    readable = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    files.replace(_readable(path), readable.encode())


def require_writable(path: str | os.PathLike) -> None:
    """Refuse a path that no checkpoint can be written to, by trying it; what is there stays as it is.

    Raises:
        TypeError, ValueError, OSError: where ``save`` would; the message names the path.
    """
    path = files.expanded(path)
    files.require_writable(path)
    files.require_writable(_readable(path))


def load(path: str | os.PathLike) -> tuple[dict[str, Tensor], dict]:
    """The tensors of a checkpoint, on the CPU, and what is said about them.

    Raises:
        FileNotFoundError: where there is no such file.
        CheckpointError: where the file is truncated, altered, or something else.
    """
    return parse(files.expanded(path).read_bytes(), path)


def parse(data: bytes, path: str | os.PathLike) -> tuple[dict[str, Tensor], dict]:
    """The same as ``load``, from the file's bytes; ``path`` is its name in the errors."""
    try:
        tensors = safetensors.torch.load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"{path} is not a whole checkpoint: {error}") from error
    # The header, whose length is in the first 8 bytes, is sound: safetensors has just read it.
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata = header.get("__metadata__") or {}
    text = metadata.get("about", "")
    if metadata.get("sha256") != _digest(tensors, text):
        raise CheckpointError(f"{path} was altered, or is no checkpoint of this book: its SHA-256 does not fit")
    about = json.loads(text)
    if about.get("format") != FORMAT:
        raise CheckpointError(f"{path} has the format {about.get('format')!r}; what is read here is {FORMAT!r}")
    return tensors, about


def require_storable(tensors: Mapping[str, Tensor]) -> None:
    """Refuse what ``save`` cannot store: no tensors, sparse ones, those without values, types that no file has.

    Raises:
        TypeError: names the first of them, and says what it is.
    """
    for name, tensor in tensors.items():
        what = _unstorable(tensor) if isinstance(tensor, Tensor) else f"a {type(tensor).__name__}"
        if what:
            raise TypeError(f"a checkpoint holds dense tensors of numbers, and {name} is {what}")


def inner_names(model: nn.Module) -> dict[str, str]:
    """What a model's parameters and buffers are called in its state_dict: what they are called without wrappers.

    A wrapper is what ``torch.compile``, DataParallel or DistributedDataParallel make of the model or of a part of
    it. Compiled, the model's ``_orig_mod.encoder.weight`` is ``encoder.weight``.
    """
    wrapped = {
        f"{path}.{inner}".lstrip(".")
        for path, module in model.named_modules(remove_duplicate=False)
        if (inner := _wrapped(module))
    }
    return {name: _without(wrapped, name) for name in model.state_dict()}


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """The model's parameters and buffers, by the names they have in a checkpoint: those without wrappers."""
    state = model.state_dict()
    return {MODEL + inner: state[name] for name, inner in inner_names(model).items()}


def describe(model: nn.Module) -> dict:
    """What a checkpoint says about its model: its class, the size of its code where it has one, its parameters."""
    while inner := _wrapped(model):
        model = getattr(model, inner)
    try:  # as the file will have it
        code_size = json.loads(json.dumps(getattr(model, "code_size", None), default=_plain))
    except (TypeError, ValueError):
        code_size = None  # a model of the reader's may call something else by this name
    whole = (parameter for parameter in model.parameters() if not isinstance(parameter, UninitializedTensorMixin))
    return {
        "class": type(model).__name__,
        "code_size": code_size,
        "parameters": sum(parameter.numel() for parameter in whole),
    }


def restore(model: nn.Module, path: str | os.PathLike) -> dict:
    """Give a model the weights of a checkpoint, in place, and return what is said about them.

    The model's own parameters are filled, so that an optimizer made over them earlier goes on with them.
    Numbers stored as float16 become the model's type. Either model may be wrapped: see ``inner_names``.

    Raises:
        FileNotFoundError: where there is no such file.
        CheckpointError: where the file is not whole, or another model's; the model is left as it was.
        TypeError: where the model has what no checkpoint holds: see ``require_storable``.
    """
    tensors, about = load(path)
    fill(model, tensors, path)
    return about


def fill(model: nn.Module, tensors: Mapping[str, Tensor], path: str | os.PathLike) -> None:
    """Give a model its part of a checkpoint's tensors, if all of them fit; ``path`` is for the error."""
    stored = {name.removeprefix(MODEL): tensor for name, tensor in tensors.items() if name.startswith(MODEL)}
    require_storable(model_tensors(model))
    state, names, kind = model.state_dict(), inner_names(model), describe(model)["class"]
    for name, inner in names.items():
        if inner not in stored or _different(stored[inner], state[name]):
            has = _of(stored[inner]) if inner in stored else "nothing"
            reason = f"{inner} is {_of(state[name])} in {kind}, and {has} in the file"
            raise CheckpointError(f"{path} holds another model: {reason}")
    if unknown := stored.keys() - set(names.values()):
        raise CheckpointError(f"{path} holds another model: {kind} has no {min(unknown)}")
    before = {name: tensor.clone() for name, tensor in state.items()} if _shared(state) else {}
    model.load_state_dict({name: stored[inner] for name, inner in names.items()})
    for name in before:  # tensors that share their memory hold the last of their stored values now
        if not _same(state[name], stored[names[name]].to(state[name])):
            model.load_state_dict(before)
            reason = f"{names[name]} shares its memory with another of {kind}'s tensors, and differs in the file"
            raise CheckpointError(f"{path} holds another model: {reason}")


def _wrapped(module: nn.Module) -> str | None:
    """Under which name a wrapper holds the module that it wraps; None of other modules."""
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return "module"
    # Known by its part: to import the class of compiled modules takes seconds.
    return "_orig_mod" if "_orig_mod" in module._modules else None


def _without(wrapped: set[str], name: str) -> str:
    """A tensor's name without those of its parts that lead from a wrapper to what it wraps."""
    parts = name.split(".")
    return ".".join(part for i, part in enumerate(parts) if ".".join(parts[: i + 1]) not in wrapped)


def _storable(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors on the CPU, each with memory of its own."""
    require_storable(tensors)
    tensors = {name: tensor.detach().cpu().resolve_conj().resolve_neg() for name, tensor in tensors.items()}
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    shared = _shared(tensors)
    return {name: tensor.clone() if name in shared else tensor for name, tensor in tensors.items()}


def _unstorable(tensor: Tensor) -> str | None:
    """What about a tensor cannot be stored, if anything: its layout, that it has no values, or its type."""
    if isinstance(tensor, UninitializedTensorMixin):
        return "without a shape yet: call the model once with images"
    if tensor.is_meta or tensor.layout != torch.strided:
        return "without values, on the device meta" if tensor.is_meta else f"{tensor.layout}"
    return None if _has_a_name(tensor.dtype) else f"{tensor.dtype}"


@cache
def _has_a_name(dtype: torch.dtype) -> bool:
    """Whether safetensors knows a type, found by trying; which ones it does depends on its version."""
    try:
        safetensors.torch.save({"x": torch.empty(0, dtype=dtype)})
    except (KeyError, RuntimeError):
        return False
    return True


def _shared(tensors: Mapping[str, Tensor]) -> set[str]:
    """The names of those whose memory is also another's."""
    places = {name: tensor.untyped_storage().data_ptr() for name, tensor in tensors.items() if tensor.numel()}
    count = Counter(places.values())
    return {name for name, place in places.items() if count[place] > 1}


def _different(stored: Tensor, own: Tensor) -> bool:
    """Whether a stored tensor cannot become the model's: another shape, or another kind of number."""
    both_floats = stored.is_floating_point() and own.is_floating_point()
    return stored.shape != own.shape or not (both_floats or stored.dtype == own.dtype)


def _same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors of one shape and type hold the same bits."""
    return torch.equal(_bytes(one), _bytes(other))


def _bytes(tensor: Tensor) -> Tensor:
    flat = tensor.detach().reshape(-1)
    if flat.stride(0) != 1:  # of one number or none, which count as contiguous whatever their stride
        flat = flat.clone(memory_format=torch.contiguous_format)
    return flat.view(torch.uint8)


def _of(tensor: Tensor) -> str:
    """A tensor's shape, with its type where that is no float."""
    return f"{tuple(tensor.shape)}" + ("" if tensor.is_floating_point() else f" of {tensor.dtype}")


def _plain(value):
    """A number or an array of NumPy's or PyTorch's, as JSON has it."""
    if isinstance(value, Tensor):
        return value.detach().tolist()
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"about must hold what JSON can hold; {type(value).__name__} is not JSON serializable")


def _readable(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _digest(tensors: Mapping[str, Tensor], about: str) -> str:
    digest = hashlib.sha256(about.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(_bytes(tensor).numpy().data)
    return digest.hexdigest()
