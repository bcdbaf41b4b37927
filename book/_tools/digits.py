"""The digits that widgets carry, in 16 greys: ``python book/_tools/digits.py`` writes them into their folders.

``training/digits.bin`` holds the first 4,000 training digits and then the first 1,000 test digits, and
``training/pca.json`` the errors of PCA for them, so that a page need not compute it; ``codemap/digits.bin`` holds
the labels of the first 1,000 test digits, a byte each, and then these digits.

Greys are coded by an arithmetic coder, which ``widgets/lib/greys.js`` reads: gzip alone takes half as much again.
A pixel is first paper or not, then four bits; how likely each is, is learned on the way, for each kind of
neighbourhood apart.
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src"))
from aebook import data, files  # noqa: E402

WIDGETS = ROOT / "src" / "aebook" / "widgets"
TRAINING, TEST, LARGEST_CODE = 4_000, 1_000, 64
LEVEL = np.array([0, *[1] * 3, *[2] * 5, *[3] * 6, 4])  # of a neighbour's grey: paper, three kinds, full ink
NODES = 32  # of a neighbourhood: one for paper or not, and those of a tree of four bits, from 16 on


def greys(images) -> np.ndarray:
    """Images (N, 1, 28, 28) of bytes in 16 greys, (N, 28, 28): 0 is paper, 15 ink, to the nearest."""
    return np.rint(images.squeeze(1).numpy() / 17).astype(np.uint8)


def neighbourhoods(pictures: np.ndarray) -> np.ndarray:
    """A number for what lies left, above, above left and above right of each pixel; outside is paper."""
    padded = np.pad(LEVEL[pictures], ((0, 0), (1, 0), (1, 1)))
    left, above = padded[:, 1:, :-2], padded[:, :-1, 1:-1]
    return ((left * 5 + above) * 5 + padded[:, :-1, :-2]) * 5 + padded[:, :-1, 2:]


class Coder:
    """Writes decisions into as few bytes as their likelihoods allow (a carry-less range coder of 32 bits)."""

    def __init__(self):
        self.low, self.high, self.coded = 0, 2**32 - 1, bytearray()
        # How likely a 1 is, of 2**16: one that learns fast, and one that learns slowly; their mean counts.
        self.fast, self.slow = [2**15] * (625 * NODES), [2**15] * (625 * NODES)

    def write(self, node: int, decision: int):
        """Codes one decision, 0 or 1, and learns from it."""
        likely = (self.fast[node] + self.slow[node]) // 2
        middle = self.low + (self.high - self.low >> 16) * likely
        target = 65_535 if decision else 0
        self.low, self.high = (self.low, middle) if decision else (middle + 1, self.high)
        self.fast[node] += (target - self.fast[node]) >> 4
        self.slow[node] += (target - self.slow[node]) >> 7
        while (self.low ^ self.high) < 2**24:
            self.coded.append(self.high >> 24)
            self.low, self.high = self.low << 8 & 0xFFFFFFFF, self.high << 8 & 0xFFFFFFFF | 255

    def grey(self, neighbourhood: int, grey: int):
        """Codes a pixel."""
        first = neighbourhood * NODES
        self.write(first, int(grey > 0))
        if grey:
            node = 1
            for bit in (8, 4, 2, 1):
                self.write(first + 15 + node, int(grey & bit > 0))
                node = 2 * node + int(grey & bit > 0)


def coded(pictures: np.ndarray) -> bytes:
    """Pictures (N, 28, 28) of greys from 0 to 15 as bytes: how many there are, in four, and the coded pixels."""
    coder = Coder()
    for neighbourhood, grey in zip(
        neighbourhoods(pictures).ravel().tolist(), pictures.ravel().tolist(), strict=True
    ):
        coder.grey(neighbourhood, grey)
    return len(pictures).to_bytes(4, "little") + bytes(coder.coded) + coder.high.to_bytes(4, "big")


def pca_errors(training: np.ndarray, test: np.ndarray) -> dict:
    """PCA's mean squared error with 0 to 64 numbers, fitted to the training digits: of both."""
    mean = training.reshape(len(training), -1).mean(0) / 15
    errors = {}
    for name, pictures in {"training": training, "test": test}.items():
        centred = pictures.reshape(len(pictures), -1) / 15 - mean
        if name == "training":
            directions = np.linalg.eigh(centred.T @ centred)[1][:, ::-1]
        kept = np.append(0, ((centred @ directions) ** 2).mean(0)[:LARGEST_CODE].cumsum())
        errors[name] = [float(f"{error:.9g}") for error in ((centred**2).sum(1).mean() - kept) / centred.shape[1]]
    return errors


def main():
    """Writes the three files."""
    training = greys(data.mnist().images[:TRAINING])
    digits = data.mnist(train=False)
    test, labels = greys(digits.images[:TEST]), digits.labels[:TEST].numpy().astype(np.uint8)
    for name, content in {
        "training/digits.bin": coded(np.concatenate([training, test])),
        "training/pca.json": (json.dumps(pca_errors(training, test), indent=1) + "\n").encode(),
        "codemap/digits.bin": labels.tobytes() + coded(test),
    }.items():
        files.replace(WIDGETS / name, content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
