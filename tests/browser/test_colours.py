"""Colours for everybody: what is near to another for some eyes has another dash and another mark as well."""

import re
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from contrast import contrast
from matplotlib.colors import hsv_to_rgb, to_rgb

from aebook import looks

sys.path.append(str(Path(__file__).parents[1]))
from javascript import call

SCHEMES = {"light": 2, "dark": 3}  # groups of what follows
TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|var\(--([\w-]+)\));")
# What eyes without one kind of cone see, in linear light. Source: G. M. Machado, M. M. Oliveira, L. A. F.
# Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), severity 1.
EYES = {
    "all": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
MODELS = ("m-linear", "m-stacked", "m-conv")
MARKS = (*MODELS, "code", "trace", "pos", "neg", "control-line")
NEAR = 40  # in CIELAB: less is told apart side by side, and may be mistaken far apart


def colour(name, scheme):
    """A token's colour, (3,), from 0 to 1."""
    table = {found[1]: found for found in TOKEN.finditer(looks.TABLE)}
    found = table[table[name][4] or name]
    return np.array(to_rgb(found[SCHEMES[scheme]]))


def linear(colours):
    """The light that sRGB's numbers stand for."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def lab(light):
    """CIELAB of linear sRGB, (3,), under its white."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.array(matrix) @ light.clip(0, 1) / np.sum(matrix, axis=1)
    f = lambda part: np.cbrt(part) if part > (6 / 29) ** 3 else part * (29 / 6) ** 2 / 3 + 4 / 29  # noqa: E731
    return np.array([116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))])


def apart(one, other, eyes):
    """How far two colours are apart for those eyes, in CIELAB."""
    one, other = (lab(np.array(EYES[eyes]) @ linear(each)) for each in (one, other))
    return np.linalg.norm(one - other)


def test_the_simulation_takes_away_what_those_eyes_lack():
    red, green, blue, yellow = (np.array(to_rgb(name)) for name in ("#c00000", "#008000", "#0000ff", "#ffff00"))
    for eyes in ("protan", "deutan"):
        assert apart(red, green, eyes) < 0.6 * apart(red, green, "all")
        assert apart(blue, yellow, eyes) > 150
    assert apart(np.zeros(3), np.ones(3), "all") == pytest.approx(100, abs=0.1)


def test_models_that_may_be_mistaken_have_other_dashes_and_other_marks():
    styles = dict(zip(MODELS, looks.CURVES, strict=True))
    near = set()
    for scheme in SCHEMES:
        for eyes in EYES:
            for one, other in combinations(MODELS, 2):
                if apart(colour(one, scheme), colour(other, scheme), eyes) >= NEAR:
                    continue
                near.add((one, other))
                assert styles[one][1] != styles[other][1], (one, other, eyes)
                assert styles[one][2] != styles[other][2], (one, other, eyes)
    assert near, "some eyes mistake some of them"
    assert [to_rgb(hue) for hue, _, _ in looks.CURVES] == [tuple(colour(name, "light")) for name in MODELS]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_mark_of_data_stands_out_from_the_paper(scheme, tmp_path):
    paper = colour("paper", scheme)
    assert {name: ratio for name in MARKS if (ratio := contrast(colour(name, scheme), paper)) < 3} == {}
    said = call(tmp_path, "codemap/land.js", [("colourOf", label, scheme == "dark") for label in range(10)])
    for text in said:
        hue, saturation, lightness = map(float, re.findall(r"[\d.]+", text))
        value = lightness / 100 + saturation / 100 * min(lightness, 100 - lightness) / 100
        classes = hsv_to_rgb([hue / 360, 2 * (1 - lightness / 100 / value), value])
        assert contrast(classes, paper) >= 4.5, text  # they are written
    assert len(set(said)) == 10
