"""aebook.checkpoints: the file is the old one or the new one, whole, and anything else is refused by name."""

import json
import pickle
import random

import pytest
import safetensors.torch
import torch

from aebook import checkpoints
from aebook.checkpoints import CheckpointError
from aebook.models import ConvAutoencoder, LinearAutoencoder


def model_of(code_size=3, seed=0):
    torch.manual_seed(seed)
    return LinearAutoencoder(code_size)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "model.safetensors"


def save(path, model, **about):
    checkpoints.save(path, checkpoints.model_tensors(model), {"model": checkpoints.describe(model), **about})


TENSORS = {
    "floats": torch.randn(3, 5),
    "halves": torch.randn(7).half(),
    "bf16": torch.randn(2, 2).bfloat16(),
    "bytes": torch.arange(9, dtype=torch.uint8),
    "a count": torch.tensor(41),
    "nothing": torch.zeros(0, 4),
    "a view": torch.randn(4, 6).t(),
    "channels last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
}


def test_every_tensor_and_every_word_comes_back_as_it_was(path):
    about = {"words": '복원 오차 "quoted" \\ \n', "number": 0.1 + 0.2, "nested": {"list": [1, None, True]}}
    checkpoints.save(path, TENSORS, about)
    tensors, found = checkpoints.load(path)
    assert tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype and torch.equal(tensors[name], tensor)
    assert found == {"format": checkpoints.FORMAT, **about}


def test_the_readable_copy_says_the_same_and_is_never_read_back(path):
    save(path, model_of(), note="처음")
    copy = path.with_name(path.name + ".json")
    assert json.loads(copy.read_text(encoding="utf-8")) == checkpoints.load(path)[1]
    assert "처음" in copy.read_text(encoding="utf-8")
    copy.write_text("{}", encoding="utf-8")
    assert checkpoints.load(path)[1]["note"] == "처음"


def test_any_other_safetensors_reader_can_read_the_file(path):
    save(path, model_of())
    assert torch.equal(safetensors.torch.load_file(path)["model.encoder.bias"], model_of().encoder.bias)


def test_restoring_fills_the_model_in_place_so_that_its_optimizer_goes_on_with_it(path):
    trained, model = model_of(seed=1), model_of(seed=2)
    optimizer = torch.optim.Adam(model.parameters())
    save(path, trained)
    about = checkpoints.restore(model, path)
    assert about["model"] == {"class": "LinearAutoencoder", "code_size": 3, "parameters": 5491}
    for one, other in zip(model.parameters(), trained.parameters(), strict=True):
        assert torch.equal(one, other)
    before = model.encoder.weight.clone()
    model(torch.rand(2, 1, 28, 28)).sum().backward()
    optimizer.step()
    assert not torch.equal(model.encoder.weight, before)


def test_half_precision_weights_become_the_models_own_type(path):
    trained, model = model_of(seed=1), model_of(seed=2)
    tensors = {name: tensor.half() for name, tensor in checkpoints.model_tensors(trained).items()}
    checkpoints.save(path, tensors, {})
    checkpoints.restore(model, path)
    assert model.encoder.weight.dtype == torch.float32
    assert torch.equal(model.encoder.weight, trained.encoder.weight.half().float())


# What is refused


def refused(path, data, model=None):
    """The error for a file of these bytes; the file must still be there, as it was."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    model = model or model_of()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        checkpoints.restore(model, path)
    assert str(path) in str(caught.value) and path.read_bytes() == data
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    return str(caught.value)


def test_500_files_cut_short_or_with_one_bit_turned_are_all_refused(path):
    save(path, model_of(1), history=[0.1, 0.2])
    whole, chance = path.read_bytes(), random.Random(0)
    header = 8 + int.from_bytes(whole[:8], "little")
    for number in range(500):
        if number % 2:
            data = whole[: chance.randrange(len(whole))]
        else:  # every other time within the header, which is the smaller part and the more delicate
            place = chance.randrange(header if number % 4 else len(whole))
            data = whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]
        refused(path, data, model_of(1))


def test_every_bit_of_the_header_counts(path):
    checkpoints.save(path, {"model.x": torch.zeros(2)}, {})
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    assert header > 200
    for place in range(header):
        for bit in range(8):
            with pytest.raises(CheckpointError):
                checkpoints.parse(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :], path)


def test_a_pickle_is_refused_and_what_it_holds_does_not_run(path, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    refused(path, pickle.dumps(Bomb()))
    torch.save({"model": Bomb()}, tmp_path / "bomb.pt")
    refused(path, (tmp_path / "bomb.pt").read_bytes())
    assert not (tmp_path / "exploded").exists()
    pickle.loads(pickle.dumps(Bomb())).close()  # whoever unpickles it does run it
    assert (tmp_path / "exploded").exists()


def test_foreign_files_are_refused(path):
    assert "not a whole checkpoint" in refused(path, b"")
    assert "not a whole checkpoint" in refused(path, b"\0" * 100)
    weights = {"encoder.weight": torch.zeros(3, 784)}
    assert "SHA-256" in refused(path, safetensors.torch.save(weights))
    assert "SHA-256" in refused(path, safetensors.torch.save(weights, {"about": "{}", "sha256": "0" * 64}))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (model_of(4), r"encoder.weight is \(3, 784\) in LinearAutoencoder, and \(4, 784\) in the file"),
        (ConvAutoencoder(3), r"encoder.weight is \(3, 784\) in LinearAutoencoder, and nothing in the file"),
        (torch.nn.ModuleDict({"encoder": model_of().encoder}), "decoder.weight"),
    ],
)
def test_another_models_weights_are_refused_with_the_reason(path, other, reason):
    save(path, other)
    with pytest.raises(CheckpointError, match=reason):
        checkpoints.restore(model_of(), path)


def test_weights_that_the_model_has_no_place_for_are_refused(path):
    save(path, torch.nn.ModuleDict({"encoder": model_of().encoder, "extra": torch.nn.Linear(1, 1)}))
    with pytest.raises(CheckpointError, match=r"has no extra\.bias"):
        checkpoints.restore(torch.nn.ModuleDict({"encoder": model_of().encoder}), path)


def test_a_file_of_another_format_is_refused(path, monkeypatch):
    with monkeypatch.context() as changed:
        changed.setattr(checkpoints, "FORMAT", "aebook checkpoint 0")
        save(path, model_of())
    with pytest.raises(CheckpointError, match="'aebook checkpoint 0'"):
        checkpoints.load(path)


def test_no_file_is_said_to_be_no_file(path):
    with pytest.raises(FileNotFoundError):
        checkpoints.load(path)


# Writing


def test_a_write_that_fails_leaves_the_old_file_whole(path, monkeypatch):
    save(path, model_of(seed=1))
    old = path.read_bytes()
    monkeypatch.setattr(checkpoints.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space left"):
        save(path, model_of(seed=2))
    assert path.read_bytes() == old


def test_what_json_cannot_hold_is_refused_before_anything_is_written(path):
    with pytest.raises(TypeError, match="not JSON serializable"):
        save(path, model_of(), wrong={1, 2})
    assert not path.parent.exists()
