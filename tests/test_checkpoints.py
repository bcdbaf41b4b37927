"""aebook.checkpoints: the file is the old one or the new one, whole, and anything else is refused by name."""

import json
import pickle
import random
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

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
    "truths": torch.tensor([True, False]),
    "one number": torch.tensor(0.5, dtype=torch.float64),
    "repeated": torch.randn(3, 1).expand(3, 4),
    "one of a column": torch.randn(1, 4)[:, 2],
    "none of a column": torch.randn(4, 4)[:0, 2],
    "negated": torch.randn(1, dtype=torch.complex64).conj().imag,
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
    assert torch.equal(safetensors.torch.load_file(path)["model.encoder.1.bias"], model_of().encoder[1].bias)


def test_restoring_fills_the_model_in_place_so_that_its_optimizer_goes_on_with_it(path):
    trained, model = model_of(seed=1), model_of(seed=2)
    optimizer = torch.optim.Adam(model.parameters())
    save(path, trained)
    about = checkpoints.restore(model, path)
    assert about["model"] == {"class": "LinearAutoencoder", "code_size": 3, "parameters": 5491}
    for one, other in zip(model.parameters(), trained.parameters(), strict=True):
        assert torch.equal(one, other)
    before = model.encoder[1].weight.clone()
    model(torch.rand(2, 1, 28, 28)).sum().backward()
    optimizer.step()
    assert not torch.equal(model.encoder[1].weight, before)


def test_half_precision_weights_become_the_models_own_type(path):
    trained, model = model_of(seed=1), model_of(seed=2)
    tensors = {name: tensor.half() for name, tensor in checkpoints.model_tensors(trained).items()}
    checkpoints.save(path, tensors, {})
    checkpoints.restore(model, path)
    assert model.encoder[1].weight.dtype == torch.float32
    assert torch.equal(model.encoder[1].weight, trained.encoder[1].weight.half().float())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (torch.tensor(7), 7),
        (torch.tensor([0.5, 2], dtype=torch.bfloat16, requires_grad=True), [0.5, 2.0]),
        ({"nested": [np.uint8(255), torch.tensor(True)]}, {"nested": [255, True]}),
    ],
)
def test_numbers_of_numpy_and_pytorch_are_said_as_numbers(path, given, kept):
    checkpoints.save(path, {}, {"given": given})
    assert checkpoints.load(path)[1]["given"] == kept


# Tensors that share their memory


class Tied(nn.Module):
    """Shares memory in every way: a layer under two names, a weight of two layers, a view beside its base."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(5, 5), nn.Linear(5, 5)
        self.second.weight = self.first.weight
        self.again = self.first
        self.norm = self.norm_again = nn.BatchNorm1d(5)
        self.register_buffer("base", torch.arange(12.0).view(3, 4))
        self.register_buffer("row", self.base[1])
        self.register_buffer("turned", self.base.t())


def test_tensors_that_share_memory_are_saved_and_restored_and_share_it_still(path):
    torch.manual_seed(0)
    trained, model = Tied(), Tied()
    trained.base.mul_(10)
    save(path, trained)
    checkpoints.restore(model, path)
    for name, tensor in trained.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    assert model.second.weight is model.again.weight and model.norm is model.norm_again
    model.base.zero_()
    assert not model.row.any() and not model.turned.any()


def test_any_tensors_that_share_memory_are_saved_as_they_are(path):
    base = torch.randn(6, 4)
    views = {
        "base": base,
        "same": base,
        "rows": base[2:4],
        "column": base[:, 1],
        "flat": base.view(24),
        "none": base[:0],
    }
    checkpoints.save(path, views, {})
    tensors, _ = checkpoints.load(path)
    assert all(torch.equal(tensors[name], view) for name, view in views.items()) and len(tensors) == len(views)


def test_two_values_for_one_memory_are_refused_and_the_model_is_left_as_it_was(path):
    class Untied(Tied):
        def __init__(self):
            super().__init__()
            self.second = nn.Linear(5, 5)

    save(path, Untied())
    model = Tied()
    before = deepcopy(model.state_dict())
    with pytest.raises(
        CheckpointError, match=r"weight shares its memory with another of Tied's tensors, and differs"
    ):
        checkpoints.restore(model, path)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_halves_and_nan_fill_a_model_whose_tensors_share_memory(path):
    trained, model = Tied(), Tied()
    with torch.no_grad():
        trained.first.weight[0, 0] = float("nan")
    tensors = checkpoints.model_tensors(trained)
    checkpoints.save(path, {name: t.half() if t.is_floating_point() else t for name, t in tensors.items()}, {})
    checkpoints.restore(model, path)
    torch.testing.assert_close(model.second.weight, trained.first.weight.half().float(), equal_nan=True)


# Wrapped models


class Halves(nn.Module):
    """Two halves, and a part that is called as wrappers call what they wrap."""

    code_size = 4

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Sequential(nn.Linear(6, 4), nn.Tanh()), nn.Linear(4, 6)
        self.module = nn.Linear(1, 1)

    def forward(self, images):
        return self.decoder(self.encoder(images))


@pytest.fixture(scope="module")
def one_process(tmp_path_factory):
    """A group of one process, which DistributedDataParallel asks for."""
    file = tmp_path_factory.mktemp("group") / "store"
    torch.distributed.init_process_group("gloo", init_method=file.as_uri(), rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def with_parts(wrap):
    def wrapped(model):
        model.encoder, model.decoder = wrap(model.encoder), wrap(model.decoder)
        return model

    return wrapped


WRAPPINGS = {
    "plain": lambda model: model,
    "compiled": torch.compile,
    "parallel": nn.DataParallel,
    "distributed": nn.parallel.DistributedDataParallel,
    "compiled parts": with_parts(torch.compile),
    "parallel parts": with_parts(nn.DataParallel),
    "distributed, compiled": lambda model: nn.parallel.DistributedDataParallel(torch.compile(model)),
    "compiled, distributed, compiled parts": lambda model: torch.compile(
        nn.parallel.DistributedDataParallel(with_parts(torch.compile)(model))
    ),
}


@pytest.mark.parametrize("ours", WRAPPINGS)
@pytest.mark.parametrize("theirs", WRAPPINGS)
def test_a_checkpoint_goes_from_any_wrapping_of_a_model_to_any_other(path, one_process, theirs, ours):
    torch.manual_seed(0)
    plain, other = Halves(), Halves()
    save(path, WRAPPINGS[theirs](deepcopy(plain)))
    about = checkpoints.restore(WRAPPINGS[ours](other), path)
    assert about["model"] == {"class": "Halves", "code_size": 4, "parameters": 60}
    assert checkpoints.load(path)[0].keys() == {f"model.{name}" for name in plain.state_dict()}
    for one, copy in zip(plain.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, copy.cpu())  # DataParallel takes what it wraps to a GPU, where there is one


def test_names_without_wrappers_keep_every_part_that_is_the_model_s_own(one_process):
    wrapped = WRAPPINGS["compiled, distributed, compiled parts"](Halves())
    names = checkpoints.inner_names(wrapped)
    assert list(names) == list(wrapped.state_dict()) and list(names.values()) == list(Halves().state_dict())
    assert "module.weight" in names.values()


def test_what_a_checkpoint_says_of_a_model_is_what_json_can_hold():
    model = Halves()
    for code_size, said in [
        (np.int64(3), 3),
        (torch.tensor(5), 5),
        ((4, 7, 7), [4, 7, 7]),
        ({4}, None),
    ]:
        model.code_size = code_size
        assert checkpoints.describe(model)["code_size"] == said
        json.dumps(checkpoints.describe(model))


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
    weights = {"encoder.1.weight": torch.zeros(3, 784)}
    assert "SHA-256" in refused(path, safetensors.torch.save(weights))
    assert "SHA-256" in refused(path, safetensors.torch.save(weights, {"about": "{}", "sha256": "0" * 64}))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (model_of(4), r"encoder.1.weight is \(3, 784\) in LinearAutoencoder, and \(4, 784\) in the file"),
        (ConvAutoencoder(3), r"encoder.1.weight is \(3, 784\) in LinearAutoencoder, and nothing in the file"),
        (torch.nn.ModuleDict({"encoder": model_of().encoder}), "decoder.0.weight"),
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


@pytest.mark.parametrize("kind", [torch.int64, torch.complex64, torch.bool])
def test_another_kind_of_number_is_refused_and_never_cut_to_fit(path, kind):
    try:
        checkpoints.save(path, {"model.weight": torch.ones(1, 2).to(kind), "model.bias": torch.zeros(1)}, {})
    except TypeError as refused:  # safetensors 0.4 has no file for complex numbers, so there is none to restore
        assert kind.is_complex and f"model.weight is {kind}" in str(refused)
        return
    with pytest.raises(
        CheckpointError, match=rf"weight is \(1, 2\) in Linear, and \(1, 2\) of {kind} in the file"
    ):
        checkpoints.restore(nn.Linear(2, 1), path)


class Remembers(nn.Linear):
    """Keeps something in its state_dict that is no tensor."""

    def get_extra_state(self):
        return {"words": 3}

    def set_extra_state(self, state):
        pass


UNSTORABLE = {
    "a dict": lambda: Remembers(2, 1),
    "torch.complex128": lambda: nn.Linear(2, 1, dtype=torch.complex128),
    "torch.sparse_coo": lambda: nn.ParameterDict({"weight": torch.eye(2).to_sparse()}),
    "without values": lambda: nn.Linear(2, 1, device="meta"),
    "without a shape": lambda: nn.LazyLinear(1),
}


@pytest.mark.parametrize("what", UNSTORABLE)
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_what_no_file_can_hold_is_refused_by_its_name(path, what):
    model = UNSTORABLE[what]()
    with pytest.raises(TypeError, match=rf"a checkpoint holds dense tensors of numbers, and model\.\w+ is {what}"):
        save(path, model)
    assert not path.parent.exists()
    save(path, nn.Linear(2, 1))
    with pytest.raises(TypeError, match="a checkpoint holds dense tensors"):
        checkpoints.restore(model, path)


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
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.json"]


def test_a_path_is_tried_with_its_readable_copy_and_nothing_is_left(path, tmp_path):
    checkpoints.require_writable(path)
    assert list(path.parent.iterdir()) == []
    checkpoints.require_writable(path.with_name("x" * 250))
    with pytest.raises(OSError, match="cannot be written"):
        checkpoints.require_writable(path.with_name("x" * 251))  # with .json, longer than a name may be
    path.with_name(f"{path.name}.json").mkdir()
    with pytest.raises(IsADirectoryError, match=r"\.json cannot be written: it is a folder"):
        checkpoints.require_writable(path)


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    checkpoints.require_writable("~/runs/a")
    save(Path("~/runs/a"), model_of(seed=1))
    checkpoints.restore(model := model_of(seed=2), "~/runs/a")
    assert torch.equal(model.encoder[1].weight, model_of(seed=1).encoder[1].weight)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["a", "a.json", "runs"]


def test_what_json_cannot_hold_is_refused_before_anything_is_written(path):
    with pytest.raises(TypeError, match="not JSON serializable"):
        save(path, model_of(), wrong={1, 2})
    assert not path.parent.exists()
