"""Checkpoints: one safetensors file, one rename. Nothing is ever unpickled, so loading runs no code of the file's.

The file holds tensors, and in its header two texts: ``about``, JSON that says what they are, and ``sha256``, the
digest of ``about`` and of every tensor with its name, type and shape. A file in which one bit differs is refused.
Beside it lies a copy of ``about`` for people to read; the programs never do.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

FORMAT = "aebook checkpoint 1"
MODEL = "model."  # what a model's own tensors are called, before the names that its state_dict gives them


class CheckpointError(ValueError):
    """A file that is no whole checkpoint, or not the one wanted; the message has its name and the reason."""


def save(path: str | os.PathLike, tensors: Mapping[str, Tensor], about: Mapping) -> None:
    """Write a checkpoint, so that at every moment ``path`` holds the old one or the new one, whole.

    Args:
        path: the file; its folder is made where it is not there. The readable copy is ``path`` and ``.json``.
        tensors: by name, on any device.
        about: anything that JSON can hold.
    """
    path = Path(path)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps({"format": FORMAT, **about})
    data = safetensors.torch.save(tensors, {"about": text, "sha256": _digest(tensors, text)})
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, data)
    readable = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    _replace(path.with_name(f"{path.name}.json"), readable.encode())


def load(path: str | os.PathLike) -> tuple[dict[str, Tensor], dict]:
    """The tensors of a checkpoint, on the CPU, and what is said about them.

    Raises:
        FileNotFoundError: where there is no such file.
        CheckpointError: where the file is truncated, altered, or something else.
    """
    return parse(Path(path).read_bytes(), path)


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


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """The model's parameters and buffers, by the names they have in a checkpoint."""
    return {MODEL + name: tensor for name, tensor in model.state_dict().items()}


def describe(model: nn.Module) -> dict:
    """What a checkpoint says about its model: its class, the size of its code where it has one, its parameters."""
    return {
        "class": type(model).__name__,
        "code_size": getattr(model, "code_size", None),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }


def restore(model: nn.Module, path: str | os.PathLike) -> dict:
    """Give a model the weights of a checkpoint, in place, and return what is said about them.

    The model's own parameters are filled, so that an optimizer made over them earlier goes on with them.
    Numbers stored as float16 become the model's type.

    Raises:
        FileNotFoundError: where there is no such file.
        CheckpointError: where the file is not whole, or another model's; the model is left as it was.
    """
    tensors, about = load(path)
    fill(model, tensors, path)
    return about


def fill(model: nn.Module, tensors: Mapping[str, Tensor], path: str | os.PathLike) -> None:
    """Give a model its part of a checkpoint's tensors, if all of them fit; ``path`` is for the error."""
    stored = {name.removeprefix(MODEL): tensor for name, tensor in tensors.items() if name.startswith(MODEL)}
    for name, tensor in model.state_dict().items():
        if name not in stored or stored[name].shape != tensor.shape:
            has = tuple(stored[name].shape) if name in stored else "nothing"
            reason = f"{name} is {tuple(tensor.shape)} in {type(model).__name__}, and {has} in the file"
            raise CheckpointError(f"{path} holds another model: {reason}")
    if unknown := stored.keys() - model.state_dict().keys():
        raise CheckpointError(f"{path} holds another model: {type(model).__name__} has no {min(unknown)}")
    model.load_state_dict(stored)


def _digest(tensors: Mapping[str, Tensor], about: str) -> str:
    digest = hashlib.sha256(about.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _replace(path: Path, data: bytes) -> None:
    """Write a file under another name, see it onto the disk, and rename it."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
