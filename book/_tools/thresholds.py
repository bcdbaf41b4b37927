"""The scores that the widget Threshold carries: ``python book/_tools/thresholds.py`` writes them into its folder.

They are those of shipped models, on test images. ``threshold/scores.bin`` holds a length (4 bytes, little endian),
a header in JSON, and all scores, 16 bits each, as powers: low·exp(step·number). The header has by role ("familiar"
or "unfamiliar"), by what they are of ("all", or the widget's kinds) and by score: where they begin, how many there
are, low and step. A kind that has familiar scores of its own is of another model than the others.
"""

import json
import math
import struct

import torch
from noticing import SHIPPED, SIZES, by_network, pictures, without
from torch import Tensor

from aebook import checkpoints, data, files, trained
from aebook.models import StackedAutoencoder
from aebook.widgets import spec as specs

SCORES = ("error", "neighbours", "error_by_variance")
KINDS = ("mirrored", "letters", "hangul", "noise", "blank")
FAMILIAR, UNFAMILIAR = 800, 400  # of each, at most
LEVELS = 2**16 - 1
PLACE = specs.WIDGETS / "threshold" / "scores.bin"


def judge(name: str, sizes: tuple[int, ...], known: Tensor):
    """What gives scores by a shipped model."""
    model = StackedAutoencoder(sizes)
    checkpoints.restore(model, trained.weights(name))
    return by_network(model, known)


def scores() -> dict[str, dict[str, dict[str, Tensor]]]:
    """All that is carried, by role, by what it is of, and by score."""
    mine = judge("page-stacked-20", (784, 160, 80, 20), data.split()[0].images)
    found = {"familiar": {"all": few(mine, data.mnist(train=False).images, FAMILIAR)}, "unfamiliar": {}}
    kinds = pictures()
    for kind in KINDS:
        found["unfamiliar"][kind] = few(mine, kinds[kind], UNFAMILIAR)
    for digit, name in SHIPPED.items():
        train, _, familiar, unknown = without(digit)
        mine = judge(name, SIZES, train)
        found["familiar"][name] = few(mine, familiar, FAMILIAR)
        found["unfamiliar"][name] = few(mine, unknown, UNFAMILIAR)
    return found


def few(judge, images: Tensor, most: int) -> dict[str, Tensor]:
    """The scores of so many images, drawn by chance."""
    chosen = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:most]
    return {name: values for name, values in judge(images[chosen]).items() if name in SCORES}


def coded(found: dict[str, dict[str, dict[str, Tensor]]]) -> bytes:
    """Scores, all above 0, as the file has them."""
    header, numbers = {}, []
    for role, sets in found.items():
        header[role] = {}
        for name, by_score in sets.items():
            header[role][name] = {}
            for score, values in by_score.items():
                powers = values.double().log()
                low, step = powers.min().item(), (powers.max() - powers.min()).item() / LEVELS or 1.0
                about = {"from": len(numbers), "count": len(values), "low": math.exp(low), "step": step}
                header[role][name][score] = about
                numbers += ((powers - low) / step).round().long().tolist()
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text + struct.pack(f"<{len(numbers)}H", *numbers)


if __name__ == "__main__":
    files.replace(PLACE, coded(scores()))
