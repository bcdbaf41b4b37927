"""The digits of MNIST, which travel with the package."""

import gzip
import hashlib
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from aebook import files

FOLDER = Path(__file__).parent / "mnist"

# SHA-256 of each file as unpacked: the published originals.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class Digits(NamedTuple):
    """Images: uint8, (N, 1, 28, 28), from 0 (paper) to 255 (ink). Labels: int64, (N,), from 0 to 9."""

    images: Tensor
    labels: Tensor


VALIDATION = 5_000  # of the training digits, the last ones


def mnist(train: bool = True, folder: Path | str = FOLDER) -> Digits:
    """The 60,000 training digits of MNIST, or with ``train=False`` the 10,000 test digits.

    Read from the package itself and unpacked in memory: nothing is downloaded, nothing is written.

    Raises:
        TypeError: where ``train`` is neither true nor false.
        FileNotFoundError: where a file is not in ``folder``.
        ValueError: where a file is truncated or altered; the message names it.

    Source: the MNIST database of Y. LeCun, C. Cortes and C. J. C. Burges, see ``mnist/NOTICE``.
    """
    if train not in (True, False):
        raise TypeError(f"train must be True (the training digits) or False (the test digits), and is {train!r}")
    folder, part = files.expanded(folder, "folder"), "train" if train else "t10k"
    images = _tensor(_unpacked(folder, f"{part}-images-idx3-ubyte"))
    labels = _tensor(_unpacked(folder, f"{part}-labels-idx1-ubyte"))
    return Digits(images.unsqueeze(1), labels.long())


def split() -> tuple[Digits, Digits]:
    """The training digits in two parts: the first 55,000, to train on, and the last 5,000, which validate.

    What is chosen, such as a learning rate, is chosen by the second part; the test digits are for the one measure
    in the end. Read as ``mnist`` reads them.
    """
    digits = mnist()
    return Digits(*(part[:-VALIDATION] for part in digits)), Digits(*(part[-VALIDATION:] for part in digits))


def unpack(folder: Path | str) -> None:
    """Write the four files, unpacked, where ``torchvision.datasets.MNIST(folder)`` looks for them."""
    raw = files.expanded(folder, "folder") / "MNIST" / "raw"
    for name in SHA256:
        files.replace(raw / name, _unpacked(FOLDER, name))


def _unpacked(folder: Path, name: str) -> bytes:
    """The content of one file, checked to be the published original."""
    path = folder / f"{name}.gz"
    try:
        content = gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is truncated or altered: {error}. Install aebook again.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(f"{path} is altered: its SHA-256 is {found}, not {SHA256[name]}. Install aebook again.")
    return content


def _tensor(content: bytes) -> Tensor:
    """A uint8 tensor from the IDX format: two zeros, the type, the number of axes, their sizes, the values."""
    axes = content[3]
    shape = struct.unpack_from(f">{axes}I", content, offset=4)
    # bytearray, because PyTorch warns of a tensor over bytes that nobody may write to.
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * axes).view(shape)
