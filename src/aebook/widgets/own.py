"""A learner's own models, as bytes that the views of widgets run; ``lib/models.js`` reads them."""

import json
import struct

import torch
from torch import Tensor, nn

from aebook import data, nets
from aebook.shapes import require_codes
from aebook.widgets.widget import Widget

IMAGE_SHAPE = (1, 28, 28)
LONGEST = 64  # code whose principal directions are found
BATCH = 500
HALVES = ("encoder", "decoder")


class ModelsWidget(Widget):
    """A widget that shows a learner's own models beside the book's; its settings hold them as ``nets``."""

    def __init__(self, models: dict[str, nn.Module] | None = None, **settings):
        nets = written(models or {})
        super().__init__(**settings)
        self._models = dict(models or {})
        self.nets = nets

    @property
    def models(self) -> dict[str, nn.Module]:
        """The learner's own models by name; set them again to show what they have learned since."""
        return dict(self._models)

    @models.setter
    def models(self, models: dict[str, nn.Module]):
        self.nets = written(models)
        self._models = dict(models)


def written(models: dict[str, nn.Module]) -> bytes:
    """The models and what is known of each: a length (4 bytes, little endian), a header in JSON, and the halves.

    The header is a list of {name, lengths, facts}; facts are what is written of the book's packed models, as far
    as the 10,000 test digits tell it. Weights travel as float32, as they are now: later training changes nothing.

    Args:
        models: by the name that is shown, each with an ``encoder`` from images (B, 1, 28, 28) to codes (B, n), and
            a ``decoder`` back, of layers that ``nets.packed`` takes.

    Raises:
        TypeError, ValueError: where there is something else.
    """
    if not isinstance(models, dict) or not all(isinstance(name, str) and name for name in models):
        raise TypeError(f'models must be a dict such as {{"mine": model}}, and is {models!r}')
    if not models:
        return b""
    header, blobs = [], []
    for name, model in models.items():
        both = [_packed(model, name, half) for half in HALVES]
        facts = _facts(name, *map(nets.unpacked, both))
        header.append({"name": name, "lengths": [len(blob) for blob in both], "facts": facts})
        blobs += both
    text = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    return struct.pack("<I", len(text)) + text + b"".join(blobs)


def _packed(model, name, half):
    """One half of a model as bytes."""
    part = getattr(model, half, None)
    if not isinstance(part, nn.Module):
        raise TypeError(f"the model {name!r} must have an {HALVES[0]} and a {HALVES[1]}, and has no {half}")
    return nets.packed(part if isinstance(part, nn.Sequential) else nn.Sequential(part), "float32")


@torch.no_grad()
def _facts(name: str, encoder: nn.Sequential, decoder: nn.Sequential) -> dict:
    """What the test digits tell of a model: its errors, and where its codes are."""
    digits = data.mnist(train=False).images
    try:
        first = encoder(digits[:1] / 255)
        require_codes(first, (first.numel(),), decoder)
        shape = tuple(decoder(first).shape[1:])
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"the model {name!r} must take images (B, 1, 28, 28): {error}") from error
    if shape != IMAGE_SHAPE:
        raise ValueError(f"the model {name!r} must give images {IMAGE_SHAPE}, and gives {shape}")
    codes, errors = [], []
    for batch in (digits / 255).split(BATCH):
        codes.append(encoder(batch))
        errors.append((decoder(codes[-1]) - batch).square().flatten(1).mean(1))
    ordered = torch.cat(errors).sort().values
    percentiles = [ordered[0], *ordered[len(ordered) // 100 - 1 :: len(ordered) // 100]]
    facts = {"code_size": first.numel(), "test_error": ordered.double().mean().item()}
    return facts | {"errors": [float(error) for error in percentiles], "codes": _range(torch.cat(codes).double())}


def _range(codes: Tensor) -> dict:
    """Mean, spread and percentiles of codes (N, n), of each number and along the principal directions."""
    mean, parts = codes.mean(0), torch.tensor([0.01, 0.99], dtype=codes.dtype)
    low, high = codes.quantile(parts, dim=0)
    found = {"mean": mean, "std": codes.std(0, correction=0), "low": low, "high": high}
    found = {key: each.tolist() for key, each in found.items()}
    if codes.shape[1] > LONGEST:
        return found | {"directions": []}
    _, vectors = torch.linalg.eigh(torch.cov(codes.T, correction=0).reshape(codes.shape[1], -1))
    vectors = vectors.flip(1)
    largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    vectors = vectors * largest.sign()
    along = (codes - mean) @ vectors
    low, high = along.quantile(parts, dim=0)
    columns = zip(vectors.T, along.std(0, correction=0), low, high, strict=True)
    keys = ("direction", "std", "low", "high")
    return found | {"directions": [dict(zip(keys, (e.tolist() for e in each), strict=True)) for each in columns]}
