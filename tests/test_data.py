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


def test_the_split_is_the_training_digits_in_their_order_the_last_5000_of_which_validate():
    whole, (train, valid) = data.mnist(), data.split()
    assert len(train.images) == len(train.labels) == 55_000 and len(valid.images) == len(valid.labels) == 5_000
    assert torch.equal(torch.cat([train.images, valid.images]), whole.images)
    assert torch.equal(torch.cat([train.labels, valid.labels]), whole.labels)


@pytest.mark.parametrize("train", ["test", "train", None, 2, []])
def test_what_is_neither_true_nor_false_does_not_choose_the_digits(train):
    with pytest.raises(TypeError, match="train must be True"):
        data.mnist(train)


def test_a_tilde_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.chdir(folder)
    assert len(data.mnist(train=False, folder="~").labels) == 10_000
    data.unpack("~/unpacked/")
    raw = folder / "unpacked" / "MNIST" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted(data.SHA256) and not (folder / "~").exists()


def test_a_folder_that_cannot_be_made_is_named_with_the_reason(folder):
    with pytest.raises(OSError, match=r"cannot be written: .*t10k-labels-idx1-ubyte\.gz is a file, and no folder"):
        data.unpack(folder / LABELS)
    with pytest.raises(ValueError, match="a folder's path must name a folder, and is ''"):
        data.unpack("")
