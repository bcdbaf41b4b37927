"""The arithmetic of the widget Training: its steps beside PyTorch's, and the digits that travel with it."""

import base64
import gzip
import json
import re
from itertools import pairwise
from pathlib import Path

import digits as tool
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from javascript import WIDGETS, call, run

from aebook import data
from aebook.models import LinearAutoencoder
from aebook.training import evaluate

PIXELS, STEPS, DIGITS = 784, 100, 500
DRIVER, COURSES = (Path(__file__).with_name(name) for name in ("learning_run.js", "course_run.js"))
# Code size, the most digits in a batch, optimizer, learning rate; some code sizes are multiples of four.
RECIPES = [
    *[(20, 64, "adam", 2e-3), (1, 16, "adam", 1e-2), (64, 32, "adam", 2e-4), (30, 256, "adam", 2e-3)],
    *[(7, 256, "sgd", 0.5), (3, 1, "sgd", 0.05), (20, 64, "sgd", 1.0)],
]
PARTS = ("encoder", "encoderBias", "decoder", "decoderBias")  # in the order of the model's parameters
MOST_GZIPPED = 400_000


@pytest.fixture(scope="module")
def greys():
    """The first training digits in 16 greys."""
    return tool.greys(data.mnist().images[:DIGITS])


def batches_by_chance(chance, largest):
    """An order of digits and STEPS batches of it, of different sizes."""
    order = np.concatenate([chance.permutation(DIGITS) for _ in range(2)])
    starts = chance.integers(0, DIGITS, STEPS)
    return order.tolist(), [[int(start), int(start + chance.integers(1, largest + 1))] for start in starts]


def weights_of(model):
    """A LinearAutoencoder's weights, as the driver takes them."""
    return {name: part.tolist() for name, part in zip(PARTS, model.parameters(), strict=True)}


def in_pytorch(model, images, order, batches, name, learning_rate):
    """The losses of the same steps in PyTorch; the model is trained."""
    optimizer = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[name](model.parameters(), lr=learning_rate)
    losses = []
    for start, end in batches:
        batch = images[order[start:end]]
        loss = F.mse_loss(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def model_of(weights):
    """The LinearAutoencoder with those weights, in doubles."""
    model = LinearAutoencoder(len(weights["encoderBias"])).double()
    with torch.no_grad():
        for name, part in zip(PARTS, model.parameters(), strict=True):
            part.copy_(torch.tensor(weights[name]))
    return model


def apart(given, wanted):
    """The norm of the difference, of the norm."""
    given, wanted = torch.tensor(given).double(), torch.as_tensor(wanted).double()
    return ((given - wanted).norm() / wanted.norm()).item()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-3), (torch.float64, 1e-6)])
def test_100_steps_end_where_pytorchs_end(greys, tmp_path, dtype, tolerance):
    chance, cases, wanted = np.random.default_rng(5), [], []
    images = torch.tensor(greys, dtype=dtype)[:, None] / 15
    for size, largest, optimizer, learning_rate in RECIPES:
        torch.manual_seed(size)
        model = LinearAutoencoder(size).to(dtype)
        order, batches = batches_by_chance(chance, largest)
        recipe = {"optimizer": optimizer, "learningRate": learning_rate}
        case = {"weights": weights_of(model), "greys": base64.b64encode(greys.tobytes()).decode()}
        cases.append(case | {"order": order, "batches": batches, "recipe": recipe})
        losses = in_pytorch(model, images, order, batches, optimizer, learning_rate)
        picture = model(images[3:4]).flatten().detach()
        error = F.mse_loss(model(images), images).item()
        wanted.append({"weights": weights_of(model), "losses": losses, "picture": picture, "error": error})
    found = run(tmp_path, "training/learning.js", cases, DRIVER)
    for recipe, given, expected in zip(RECIPES, found, wanted, strict=True):
        assert expected["losses"][0] > expected["error"], "the recipe learns"
        for what in ("losses", "picture", "error"):
            assert apart(given[what], expected[what]) < tolerance, f"{recipe}: {what}"
        for part, weights in expected["weights"].items():
            assert apart(given["weights"][part], weights) < tolerance, f"{recipe}: {part}"


def test_first_weights_are_drawn_as_a_linear_layer_draws_them(tmp_path):
    models = call(tmp_path, "training/learning.js", [("autoencoder", size, 3) for size in (1, 6, 20, 64)])
    for model in models:
        size, wide = model["codeSize"], model["wide"]
        bounds = {"encoder": PIXELS**-0.5, "decoder": size**-0.5}
        for part, bound in bounds.items():
            rows = np.array(list(model[part].values())).reshape(PIXELS, wide)
            assert (rows[:, size:] == 0).all()
            weights = np.sort(rows[:, :size], axis=None) / bound  # evenly spread from -1 to 1
            assert np.abs(weights - np.linspace(-1, 1, weights.size)).max() < 2 / weights.size**0.5
        biases = np.array(list(model["decoderBias"].values())) * size**0.5
        assert -1 <= biases.min() < -0.9 and 0.9 < biases.max() <= 1
    again, other = call(tmp_path, "training/learning.js", [("autoencoder", 6, 3), ("autoencoder", 6, 4)])
    assert again == models[1] and again["encoder"] != other["encoder"]


def test_the_digits_come_back_as_they_were_coded(tmp_path):
    training, test = tool.greys(data.mnist().images[: tool.TRAINING]), tool.greys(data.mnist(False).images[:1000])
    carried = (WIDGETS / "training" / "digits.bin").read_bytes()
    labelled = (WIDGETS / "codemap" / "digits.bin").read_bytes()
    cases = [("greysOf", np.frombuffer(part, np.uint8)) for part in (carried, labelled[1000:])]
    both, again = call(tmp_path, "lib/greys.js", cases)
    assert np.array_equal(both.reshape(-1, 28, 28), np.concatenate([training, test]))
    assert np.array_equal(again.reshape(-1, 28, 28), test)
    assert list(labelled[:1000]) == data.mnist(False).labels[:1000].tolist()
    assert len(gzip.compress(base64.b64encode(carried))) < MOST_GZIPPED


def test_greys_by_chance_come_back_too(tmp_path):
    """Pictures that the coder has not seen the like of: noise, all ink, all paper."""
    chance = np.random.default_rng(4)
    kinds = [chance.integers(0, 16, (20, 28, 28)), np.full((20, 28, 28), 15), np.zeros((20, 28, 28))]
    pictures = [kind.astype(np.uint8) for kind in [*kinds, np.concatenate(kinds)]]
    found = call(
        tmp_path, "lib/greys.js", [("greysOf", np.frombuffer(tool.coded(each), np.uint8)) for each in pictures]
    )
    for given, wanted in zip(found, pictures, strict=True):
        assert np.array_equal(given, wanted.ravel())


def test_the_least_possible_errors_are_those_of_pca():
    best = json.loads((WIDGETS / "training" / "pca.json").read_text(encoding="utf-8"))
    training, test = (
        torch.tensor(tool.greys(images))[:, None] / 15
        for images in (data.mnist().images[: tool.TRAINING], data.mnist(False).images[: tool.TEST])
    )
    assert [len(best[part]) for part in ("training", "test")] == [65, 65]
    for size in (1, 20, 64):
        model = LinearAutoencoder.from_pca(training, size)
        assert evaluate(model, training) == pytest.approx(best["training"][size], rel=1e-4)
        assert evaluate(model, test) == pytest.approx(best["test"][size], rel=1e-4)


@torch.no_grad()
def seen_in_pytorch(model, test):
    """What a page shows of a model: its error for the test digits, its weights, and ten reconstructions."""
    weights = dict(zip(PARTS, model.parameters(), strict=True))["decoder"].T.flatten()
    return {"testError": F.mse_loss(model(test), test), "weights": weights, "pictures": model(test[:10]).flatten()}


def test_a_course_is_what_pytorch_makes_of_its_batches(tmp_path):
    """By the chapter's two recipes and by others: errors, weights and pictures that a page shows."""
    recipes = [(20, 256, "adam", 2e-4), (20, 256, "adam", 2e-3), (5, 48, "sgd", 0.5), (2, 512, "adam", 1e-2)]
    names = ("codeSize", "batchSize", "optimizer", "learningRate")
    cases = [{"recipe": dict(zip(names, recipe, strict=True)) | {"seed": 7}, "steps": 40} for recipe in recipes]
    training, test = (
        torch.tensor(tool.greys(images)).double()[:, None] / 15
        for images in (data.mnist().images[: tool.TRAINING], data.mnist(False).images[: tool.TEST])
    )
    courses = run(tmp_path, "training/course.js", cases, COURSES)
    for (_, size, name, rate), course in zip(recipes, courses, strict=True):
        model, batches = model_of(course["weights"]), course["batches"]
        order, ends = np.concatenate(batches), np.cumsum([0, *map(len, batches)])
        losses = in_pytorch(model, training, order, pairwise(ends), name, rate)
        assert apart(course["losses"], losses) < 1e-5
        for what, wanted in seen_in_pytorch(model, test).items():
            assert apart(course["seen"][what], wanted) < 1e-5, f"{what} of {name}, {rate}"
        epoch = batches[: -(-tool.TRAINING // size)]
        if len(epoch) * size >= tool.TRAINING:
            assert sorted(np.concatenate(epoch)) == list(range(tool.TRAINING)), "an epoch has every digit once"


def test_the_same_settings_give_the_same_curve_and_another_seed_another(tmp_path):
    recipe = {"codeSize": 20, "batchSize": 256, "optimizer": "adam", "learningRate": 2e-3, "seed": 0}
    cases = [{"recipe": {**recipe, "seed": seed}, "steps": 20} for seed in (0, 0, 1)]
    one, again, other = run(tmp_path, "training/course.js", cases, COURSES)
    assert one == again and one["losses"] != other["losses"] and one["batches"] != other["batches"]


def test_a_course_that_diverges_ends(tmp_path):
    recipe = {"codeSize": 20, "batchSize": 256, "optimizer": "sgd", "learningRate": 100, "seed": 0}
    (course,) = run(tmp_path, "training/course.js", [{"recipe": recipe, "steps": 500}], COURSES)
    assert course["diverged"] and len(course["losses"]) < 50


def test_the_two_languages_have_the_same_words():
    keys = [
        re.findall(r"^ +(\w+):", (WIDGETS / "training" / f"words.{language}.js").read_text(encoding="utf-8"), re.M)
        for language in ("ko", "en")
    ]
    assert keys[0] == keys[1] and len(keys[0]) > 20
