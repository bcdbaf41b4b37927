"""aebook.training.fit: each argument does what a loop written by hand does, to the last bit."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from aebook import batches, checkpoints, figures
from aebook.models import LinearAutoencoder
from aebook.training import History, Interrupted, evaluate, fit, mean_squared_error

IMAGES = torch.randint(0, 256, (330, 1, 28, 28), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
VALID = torch.randint(0, 256, (90, 1, 28, 28), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
RUN = {"epochs": 3, "learning_rate": 1e-2, "seed": 3, "batch_size": 64, "progress": False}


def model_of(seed=0):
    torch.manual_seed(seed)
    return LinearAutoencoder(3)


def by_hand(model, *, loss=None, corrupt=None, weight_decay=0.0, after=lambda epoch: None):
    """The loop of a textbook, with the same fused Adam."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=weight_decay, fused=True)
    order = torch.Generator().manual_seed(3)
    for epoch in range(3):
        for places in torch.randperm(len(IMAGES), generator=order).split(64):
            wanted = IMAGES[places].float() / 255
            seen = corrupt(wanted) if corrupt else wanted
            value = loss(model, seen, wanted) if loss else F.mse_loss(model(seen), wanted)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        after(epoch)
    return model


def same(one, other):
    states = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(torch.equal(tensor, twin) for (_, tensor), (_, twin) in states)


def l1(model, seen, wanted):
    return F.l1_loss(model(seen), wanted)


def noisy(images):
    return (images + 0.4 * torch.randn_like(images)).clamp(0, 1)


@pytest.mark.parametrize(
    "settings", [{"loss": l1}, {"corrupt": noisy}, {"weight_decay": 0.1}, {"loss": l1, "corrupt": noisy}]
)
def test_each_argument_is_what_a_loop_by_hand_does(settings):
    ours, plain = model_of(), model_of()
    torch.manual_seed(5)
    fit(ours, IMAGES, **RUN, **settings)
    torch.manual_seed(5)
    assert same(ours, by_hand(plain, **settings)) and not same(ours, by_hand(model_of()))


def test_held_out_images_change_no_weight_and_are_evaluated_after_each_epoch():
    plain, expected = model_of(), []
    by_hand(plain, after=lambda _: expected.append((evaluate(plain, VALID), evaluate(plain, IMAGES))))
    history = fit(ours := model_of(), IMAGES, **RUN, valid_images=VALID, test_images=IMAGES)
    assert same(ours, plain)
    assert list(zip(history.valid_loss, history.test_loss, strict=True)) == expected


def test_corrupted_evaluation_draws_the_same_noise_each_time_and_leaves_the_generator_alone():
    ours, plain = model_of(), model_of()
    torch.manual_seed(5)
    history = fit(ours, IMAGES, **RUN, corrupt=noisy, valid_images=VALID)
    torch.manual_seed(5)
    assert same(ours, by_hand(plain, corrupt=noisy))
    assert history.valid_loss[-1] == evaluate(ours, VALID, corrupt=noisy) > evaluate(ours, VALID)


def test_the_best_weights_are_those_of_the_epoch_with_the_least_validation_loss(tmp_path):
    model, kept = model_of(), []

    class Worse(LinearAutoencoder):
        """Evaluated as better in its second epoch than ever after."""

        def forward(self, images):
            return super().forward(images) + (0 if self.training or len(kept) == 1 else 9)

    worse = Worse(3)
    worse.load_state_dict(model.state_dict())
    path = tmp_path / "run.safetensors"
    settings = {"valid_images": VALID, "keep_best": True, "checkpoint": path}
    history = fit(worse, IMAGES, **RUN, **settings, on_epoch=lambda _: kept.append(copy.deepcopy(worse)))
    assert history.best_epoch() == 1 and same(worse, kept[1]) and not same(worse, kept[2])
    checkpoints.restore(model, path)
    assert same(model, worse)
    again = Worse(3)
    assert fit(again, IMAGES, **RUN, **settings, resume=True) == history and same(again, worse)


@pytest.mark.parametrize("patience", [1, 2])
def test_a_run_ends_when_validation_has_stalled_for_as_long_as_patience_allows(patience):
    class Fixed(LinearAutoencoder):
        def forward(self, images):
            return super().forward(images) if self.training else torch.zeros_like(images)

    history = fit(Fixed(3), IMAGES, **RUN | {"epochs": 9}, valid_images=VALID, patience=patience)
    assert len(history.train_loss) == len(history.valid_loss) == 1 + patience


@pytest.mark.parametrize("settings", [{"patience": 2}, {"keep_best": True}])
def test_what_goes_by_validation_images_is_refused_without_them(settings):
    with pytest.raises(ValueError, match=f"{next(iter(settings))} goes by valid_images, and there are none"):
        fit(model_of(), IMAGES, **RUN, **settings)


def test_on_epoch_sees_the_history_grow():
    lengths = []
    fit(model_of(), IMAGES, **RUN, on_epoch=lambda history: lengths.append(len(history.train_loss)))
    assert lengths == [1, 2, 3]


# Images


class Pictures(Dataset):
    def __init__(self, labels=False):
        self.labels = labels

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, place):
        return (IMAGES[place], 7) if self.labels else IMAGES[place].float() / 255


@pytest.mark.parametrize(
    "images",
    [
        IMAGES.numpy(),
        IMAGES.float().numpy() / np.float32(255),
        (IMAGES.numpy() / np.float32(255)).astype(">f4"),
        IMAGES.numpy()[::-1][::-1],
        Pictures(),
        Pictures(labels=True),
        TensorDataset(IMAGES, torch.zeros(330)),
    ],
    ids=["bytes", "floats", "big-endian", "strides", "Dataset", "with labels", "TensorDataset"],
)
def test_whatever_holds_the_images_trains_to_the_same_weights(images):
    assert same(fit_of(images), by_hand(model_of()))


def fit_of(images, **settings):
    fit(model := model_of(), images, **RUN | settings)
    return model


def test_what_cannot_be_written_to_is_read():
    array = IMAGES.numpy().copy()
    array.flags.writeable = False
    assert same(fit_of(array), by_hand(model_of()))


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_a_loader_trains_to_the_weights_of_a_plain_loop_over_it(labels, own):
    def loader():
        generator = torch.Generator().manual_seed(4) if own else None
        return DataLoader(Pictures(labels), batch_size=50, shuffle=True, generator=generator)

    ours, plain = model_of(), model_of()
    torch.manual_seed(9)
    history = fit(ours, loader(), **RUN | {"batch_size": None})
    torch.manual_seed(9)
    optimizer, batches_ = torch.optim.Adam(plain.parameters(), lr=1e-2, fused=True), loader()
    for _ in range(3):
        total = 0.0
        for batch in batches_:
            pixels = batch[0].float() / 255 if labels else batch
            value = F.mse_loss(plain(pixels), pixels)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * len(pixels)
    assert same(ours, plain) and history.train_loss[-1] == pytest.approx(total / 330, rel=1e-6)
    assert evaluate(ours, loader()) == pytest.approx(evaluate(ours, IMAGES), rel=1e-6)


def test_a_loaders_run_goes_on_from_an_epochs_end(tmp_path):
    def run(model, epochs, **settings):
        generator = torch.Generator().manual_seed(4)
        loader = DataLoader(Pictures(), batch_size=50, shuffle=True, generator=generator)
        fit(model, loader, **RUN | {"batch_size": None, "epochs": epochs}, **settings)
        return model

    whole, path = run(model_of(), 3), tmp_path / "run.safetensors"
    run(model_of(), 2, checkpoint=path)
    assert same(run(model_of(1), 3, checkpoint=path, resume=True), whole)


def test_a_loaders_run_is_not_saved_within_an_epoch(tmp_path):
    loader, path = DataLoader(Pictures(), batch_size=50), tmp_path / "run.safetensors"
    with pytest.raises(ValueError, match="checkpoint_every is not for a DataLoader"):
        fit(model_of(), loader, **RUN | {"batch_size": None}, checkpoint=path, checkpoint_every=2)

    class Stopped(LinearAutoencoder):
        steps = 0

        def forward(self, images):
            self.steps += 1
            if self.steps == 10:  # in the second epoch, of seven steps
                raise KeyboardInterrupt
            return super().forward(images)

    with pytest.raises(Interrupted):
        fit(Stopped(3), loader, **RUN | {"batch_size": None}, checkpoint=path)
    assert checkpoints.load(path)[0]["run.position"].tolist() == [1, 0]


def test_what_does_not_fit_the_device_streams_to_the_same_weights(monkeypatch):
    monkeypatch.setattr(batches, "_fits", lambda images, device: False)
    assert same(fit_of(IMAGES), by_hand(model_of()))


class Stream(IterableDataset):
    def __iter__(self):
        yield from IMAGES


class Strings(Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, place):
        return "a picture"


class Ragged(Strings):
    def __getitem__(self, place):
        return torch.zeros(1, 28, 28 + place)


class Empty(Strings):
    def __len__(self):
        return 0


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (Stream(), "a Dataset must have a length and places; Stream has none"),
        (DataLoader(Stream()), "a DataLoader must know its length"),
        (Strings(), r"must give tensors, or pairs \(tensor, label\); this one gives str"),
        (DataLoader(Strings()), "a DataLoader must give tensors"),
        (Ragged(), r"must have one shape, and have \(1, 28, .*; resize or crop them"),
        (Empty(), "this Empty is empty"),
        (np.zeros((3, 1, 28, 28), dtype=np.uint16), "these are torch.uint16"),
        (np.zeros((3, 1, 28, 28), dtype=complex), "these are NumPy's complex128"),
        (np.full((3, 1, 28, 28), 255.0), "these go from 255 to 255; bytes as floats"),
        (np.array(["a"]), "these are NumPy's <U1"),
        (torch.full((3, 1, 28, 28), 1.0001), "these go from 1.00010002 to 1.0001"),
    ],
)
@pytest.mark.parametrize("function", ["fit", "evaluate"])
def test_what_holds_no_images_is_refused_in_a_sentence(images, words, function):
    settings = RUN | {"batch_size": None}
    with pytest.raises((TypeError, ValueError), match=words):
        fit(model_of(), images, **settings) if function == "fit" else evaluate(model_of(), images)


def test_what_rounding_alone_has_put_beyond_one_is_taken():
    images = torch.ones(4, 1, 28, 28)
    images[0] = torch.nextafter(torch.tensor(1.0), torch.tensor(2.0))
    assert math.isfinite(evaluate(model_of(), images))


def test_a_loader_has_its_own_batch_size():
    with pytest.raises(ValueError, match="leave out batch_size, which is 64"):
        fit(model_of(), DataLoader(Pictures()), **RUN)


# Numbers


@pytest.mark.parametrize(
    "settings",
    [
        {"epochs": np.int64(3)},
        {"batch_size": np.int32(64)},
        {"seed": np.int64(3)},
        {"learning_rate": np.float64(1e-2)},
        {"learning_rate": torch.tensor(1e-2, dtype=torch.float64)},
        {"epochs": torch.tensor(3)},
    ],
)
def test_numbers_of_numpy_and_pytorch_are_numbers(settings, tmp_path):
    path = tmp_path / "run.safetensors"
    assert same(fit_of(IMAGES, **settings, checkpoint=path), by_hand(model_of()))
    fit(model_of(), IMAGES, **RUN, checkpoint=path, resume=True)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 2.5}, "epochs must be a whole number, and is 2.5"),
        ({"epochs": True}, "epochs must be a whole number, and is True"),
        ({"epochs": np.True_}, "epochs must be a whole number, and is np.True_"),
        ({"epochs": torch.tensor(True)}, r"epochs must be a whole number, and is tensor\(True\)"),
        ({"epochs": "3"}, "epochs must be a whole number, and is '3'"),
        ({"seed": None}, "seed must be a whole number, and is None"),
        ({"batch_size": torch.tensor([1, 2])}, "batch_size must be a whole number"),
        ({"batch_size": -1}, "batch_size must be above 0, and is -1"),
        ({"patience": 0}, "patience must be above 0, and is 0"),
        ({"learning_rate": "1e-3"}, "learning_rate must be a number, and is '1e-3'"),
        ({"learning_rate": math.inf}, "learning_rate must be above 0, and is inf"),
        ({"weight_decay": -1}, "weight_decay must be at least 0, and is -1"),
        ({"checkpoint_every": 0}, "checkpoint_every must be above 0, and is 0"),
    ],
)
def test_what_is_no_number_for_that_is_refused_before_the_first_step(settings, words):
    with pytest.raises((TypeError, ValueError), match=words):
        fit(model_of(), IMAGES, **RUN | settings)


# Checkpoints


def test_a_path_that_cannot_be_written_is_refused_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("")
    for path in ("", tmp_path, tmp_path / "file" / "run", tmp_path / ("a" * 300)):
        model = model_of()
        with pytest.raises((OSError, ValueError)):
            fit(model, IMAGES, **RUN, checkpoint=path)
        assert same(model, model_of())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_list_has_one_entry_an_epoch_also_where_a_part_of_the_run_had_no_such_images(tmp_path):
    path = tmp_path / "run.safetensors"
    fit(model := model_of(), IMAGES, **RUN | {"epochs": 2}, checkpoint=path)
    history = fit(model, IMAGES, **RUN, checkpoint=path, resume=True, test_images=VALID)
    assert len(history.train_loss) == len(history.test_loss) == len(history.seconds) == 3
    assert [math.isnan(loss) for loss in history.test_loss] == [True, True, False]
    history = fit(model, IMAGES, **RUN | {"epochs": 4}, checkpoint=path, resume=True)
    assert [math.isnan(loss) for loss in history.test_loss] == [True, True, False, True]
    figures.loss_curves(history)


def test_a_run_stopped_in_its_evaluation_goes_on_with_it(tmp_path):
    class Stops(LinearAutoencoder):
        def forward(self, images):
            if not self.training:
                raise KeyboardInterrupt
            return super().forward(images)

    whole, path = model_of(), tmp_path / "run.safetensors"
    expected = fit(whole, IMAGES, **RUN, test_images=VALID)
    stopped = Stops(3)
    stopped.load_state_dict(model_of().state_dict())
    with pytest.raises(Interrupted, match="stopped after epoch 1, step 6"):
        fit(stopped, IMAGES, **RUN, test_images=VALID, checkpoint=path)
    about = checkpoints.load(path)[1]
    assert about["history"]["interrupted"] and about["history"]["test_loss"] == []
    history = fit(model := model_of(1), IMAGES, **RUN, test_images=VALID, checkpoint=path, resume=True)
    assert same(model, whole) and not history.interrupted
    assert (history.train_loss, history.test_loss) == (expected.train_loss, expected.test_loss)


@pytest.mark.parametrize("settings", [{"loss": l1}, {"corrupt": noisy}, {"weight_decay": 0.1}])
def test_a_run_with_another_loss_is_another_run(settings, tmp_path):
    path = tmp_path / "run.safetensors"
    fit(model_of(), IMAGES, **RUN, checkpoint=path)
    with pytest.raises(checkpoints.CheckpointError, match=f"is of a run with {next(iter(settings))}"):
        fit(model_of(), IMAGES, **RUN, checkpoint=path, resume=True, **settings)


def test_a_model_that_shares_tensors_is_saved_and_resumed(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(784, 784, bias=False)
            self.again = self.layer
            self.norm = nn.BatchNorm1d(784)

        def forward(self, images):
            return self.again(self.norm(self.layer(self.norm(images.flatten(1))))).view_as(images)

    path, models = tmp_path / "run.safetensors", []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        models.append(Tied())
    whole, stopped, resumed = models
    fit(whole, IMAGES, **RUN)
    fit(stopped, IMAGES, **RUN | {"epochs": 1}, checkpoint=path, checkpoint_every=2)
    fit(resumed, IMAGES, **RUN, checkpoint=path, checkpoint_every=2, resume=True)
    assert same(resumed, whole)


def test_the_history_is_plain_numbers():
    history = fit(model_of(), IMAGES, **RUN, test_images=VALID)
    assert isinstance(history, History) and all(type(loss) is float for loss in history.test_loss)
    with torch.no_grad():
        loss = mean_squared_error(model := model_of(), VALID / 255, VALID / 255).item()
    assert evaluate(model, VALID) == pytest.approx(loss, rel=1e-6)
