"""The arithmetic of the widget CodeMap, and what it takes of a learner's own."""

import re

import numpy as np
import pytest
import torch
from javascript import WIDGETS, call
from torch import nn

from aebook import CodeMap, data
from aebook.models import LinearAutoencoder

SCRIPT = "codemap/place.js"


@pytest.fixture(scope="module")
def small():
    torch.manual_seed(0)
    return LinearAutoencoder(2)


def test_places_and_codes_belong_together_and_places_outside_are_brought_onto_the_map(tmp_path):
    chance = np.random.default_rng(1)
    facts = [
        {"low": (low := chance.normal(size=2)).tolist(), "high": (low + chance.uniform(1, 9, 2)).tolist()}
        for _ in range(20)
    ]
    frames = call(tmp_path, SCRIPT, [("frameOf", each) for each in facts])
    for each, frame in zip(facts, frames, strict=True):
        size, shown = np.subtract(each["high"], each["low"]), np.subtract(frame["high"], frame["low"])
        assert np.allclose(shown, 1.16 * size)
        assert np.allclose(np.add(frame["high"], frame["low"]), np.add(each["high"], each["low"]))
    places = chance.uniform(-0.5, 1.5, (20, 2))
    codes = call(tmp_path, SCRIPT, [("codeAt", frame, place) for frame, place in zip(frames, places, strict=True)])
    back = call(tmp_path, SCRIPT, [("placeOf", frame, code) for frame, code in zip(frames, codes, strict=True)])
    assert np.allclose(back, places.clip(0, 1))
    corner = call(tmp_path, SCRIPT, [("codeAt", frames[0], [0, 1])])[0]
    assert np.allclose(corner, frames[0]["low"]), "the second number grows upwards"


def test_a_learners_model_images_and_labels_travel(small):
    digits = data.mnist(train=False)
    widget = CodeMap(network=small, images=digits.images[:7], digits=digits.labels[:7])
    assert widget.model == "own" and widget.network is small and len(widget.nets) > 12_000
    greys = np.frombuffer(widget.greys, np.uint8).reshape(7, 784)
    assert np.array_equal(greys, np.rint(digits.images[:7].flatten(1).numpy() / 17))
    assert list(widget.labels) == digits.labels[:7].tolist()
    as_floats = CodeMap(network=small, images=digits.images[:7] / 255, digits=digits.labels[:7])
    assert as_floats.greys == widget.greys
    before = widget.nets
    with torch.no_grad():
        next(small.parameters()).add_(1)
    widget.network = small
    assert widget.nets != before
    assert CodeMap().model == "nonlinear" and CodeMap().nets == b""


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"network": LinearAutoencoder(3)}, ValueError, "codes of 2 numbers, and makes codes of 3"),
        ({"network": nn.Linear(2, 2)}, TypeError, "must have an encoder and a decoder"),
        ({"images": torch.zeros(2, 1, 28, 28)}, ValueError, "given together"),
        ({"images": torch.zeros(2, 1, 28, 28), "digits": [1]}, ValueError, "one for each of the 1 labels"),
        ({"images": torch.zeros(2, 1, 28, 28), "digits": [1, 10]}, ValueError, "labels from 0 to 9"),
    ],
)
def test_what_is_something_else_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        CodeMap(**arguments)


def test_the_two_languages_have_the_same_words():
    keys = [
        re.findall(r"^ +(\w+):", (WIDGETS / "codemap" / f"words.{language}.js").read_text(encoding="utf-8"), re.M)
        for language in ("ko", "en")
    ]
    assert keys[0] == keys[1] and len(keys[0]) > 10
