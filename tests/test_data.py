"""aebook.data: the digits are MNIST, whole, and a damaged file is refused by name."""

import gzip
import shutil

import pytest
import torch
from torchvision.datasets import MNIST

from aebook import data


@pytest.mark.parametrize(("train", "count"), [(True, 60_000), (False, 10_000)])
def test_the_digits_are_those_that_torchvision_reads(tmp_path, train, count):
    data.unpack(tmp_path)
    theirs, ours = MNIST(tmp_path, train=train), data.mnist(train)
    assert ours.images.shape == (count, 1, 28, 28) and ours.images.dtype == torch.uint8
    assert ours.labels.shape == (count,) and ours.labels.dtype == torch.int64
    assert torch.equal(ours.images[:, 0], theirs.data)
    assert torch.equal(ours.labels, theirs.targets)


def test_reading_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(data.FOLDER.iterdir())
    data.mnist(train=False)
    assert sorted(data.FOLDER.iterdir()) == before and list(tmp_path.iterdir()) == []


def test_two_calls_share_no_memory():
    first, second = data.mnist(train=False), data.mnist(train=False)
    first.images.zero_()
    assert second.images.any()


LABELS = "t10k-labels-idx1-ubyte.gz"


@pytest.fixture
def folder(tmp_path):
    """A copy of the test digits, to be damaged."""
    for path in data.FOLDER.glob("t10k-*.gz"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize("kept", [0, 1, 9, 10, 100, 4000, 4516])
def test_a_truncated_file_is_refused_by_name(folder, kept):
    path = folder / LABELS
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=f"{LABELS} is (truncated or )?altered"):
        data.mnist(train=False, folder=folder)


@pytest.mark.parametrize("position", range(0, 4517, 251))
def test_a_file_with_a_flipped_bit_is_refused_by_name_or_unpacks_to_the_same(folder, position):
    content = bytearray((folder / LABELS).read_bytes())
    content[position] ^= 1
    (folder / LABELS).write_bytes(content)
    try:
        unpacked = gzip.decompress(content)
    except Exception:
        unpacked = None
    if unpacked == gzip.decompress((data.FOLDER / LABELS).read_bytes()):
        return  # a bit of gzip's header that says nothing about the content, such as its time stamp
    with pytest.raises(ValueError, match=LABELS):
        data.mnist(train=False, folder=folder)


def test_another_file_under_the_same_name_is_refused(folder):
    (folder / LABELS).write_bytes(gzip.compress(bytes(8) + bytes(10_000)))
    with pytest.raises(ValueError, match=f"{LABELS} is altered: its SHA-256 is "):
        data.mnist(train=False, folder=folder)


def test_a_missing_file_is_named(folder):
    (folder / LABELS).unlink()
    with pytest.raises(FileNotFoundError, match=LABELS):
        data.mnist(train=False, folder=folder)
