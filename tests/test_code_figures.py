"""aebook.code_figures: every code has its digit on the map, and lines go through the means of the seeds."""

import re
import warnings

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from aebook import code_figures
from aebook.figure_words import WORDS
from aebook.looks import COLOURS

LABELS = torch.arange(40) % 10
CODES = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
COUNTS = [10, 100, 1_000]
SHARES = {"PCA": torch.rand(3, 3), "코드": torch.rand(3, 3), "a network": torch.rand(3, 1)}


def drawn(language):
    return {
        "code_maps": code_figures.code_maps({"PCA": CODES, "적층": -CODES}, LABELS),
        "right_by_labels": code_figures.right_by_labels(COUNTS, SHARES, language),
        "errors_by_bits": code_figures.errors_by_bits(COUNTS, SHARES, language),
    }


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", drawn("en"))
def test_a_figure_is_closed_not_blank_and_has_a_sign_for_every_letter(name, language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        canvas = FigureCanvasAgg(drawn(language)[name])
        canvas.draw()
        assert np.asarray(canvas.buffer_rgba())[..., :3].std() > 5


def test_a_map_shows_each_digit_at_its_codes_and_three_of_them_in_colours():
    figure = code_figures.code_maps({"one": CODES, "two": 2 * CODES}, LABELS)
    assert [axis.get_title() for axis in figure.axes] == ["one", "two"]
    for axis, codes in zip(figure.axes, (CODES, 2 * CODES), strict=True):
        places = [group.get_offsets() for group in axis.collections]
        assert len(places) == 10
        assert 0.8 * len(codes) < sum(map(len, places)) < len(codes)  # few lie too far out
        digits = sorted(range(10), key=lambda digit: digit in code_figures.TOLD)
        for digit, found, group in zip(digits, places, axis.collections, strict=True):
            assert set(map(tuple, found.tolist())) <= set(map(tuple, codes[digit == LABELS].tolist()))
            colour = COLOURS[code_figures.TOLD.get(digit, "m-linear")]
            assert to_hex(group.get_facecolor()[0]) == colour
    assert set(code_figures.TOLD) == {4, 7, 9}


@pytest.mark.parametrize("draw", [code_figures.right_by_labels, code_figures.errors_by_bits])
def test_lines_go_through_the_means_of_the_seeds_and_end_in_their_names(draw):
    (axis,) = draw(COUNTS, SHARES).axes
    means = [line for line in axis.lines if line.get_linestyle() != "None"]
    for line, (name, rows) in zip(means, SHARES.items(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), rows.mean(dim=1), rtol=1e-6)
        (words,) = [text for text in axis.texts if text.get_text() == name]
        colour = to_hex(line.get_color())  # of which a pale grey is no colour for words
        assert to_hex(words.get_color()) == (COLOURS["muted"] if colour == COLOURS["m-linear"] else colour)
    assert len({line.get_color() for line in means}) == len(SHARES) == len({line.get_marker() for line in means})
    heights = sorted(text.xy[1] for text in axis.texts)
    low, high = axis.get_ylim()
    assert min(np.diff(heights)) > 0.07 * (high - low)


@pytest.mark.parametrize("name", ["right_by_labels", "errors_by_bits"])
def test_labels_are_in_the_language_that_is_asked_for(name):
    for language, table in WORDS.items():
        (axis,) = drawn(language)[name].axes
        assert {axis.get_xlabel(), axis.get_ylabel()} <= set(table.values())
        assert bool(re.search("[가-힣]", axis.get_xlabel())) == (language == "ko")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: code_figures.code_maps({}, LABELS), "at least one map"),
        (
            lambda: code_figures.code_maps({"PCA": CODES[:5]}, LABELS),
            r"PCA must have a code of two numbers .*\(5, 2\)",
        ),
        (lambda: code_figures.right_by_labels([1], SHARES), "PCA must have a row of seeds for each of 1"),
        (
            lambda: code_figures.right_by_labels(COUNTS, SHARES, "fr"),
            "language must be one of en, ko",
        ),
        (lambda: code_figures.errors_by_bits(COUNTS, dict.fromkeys("abcdef", [[1]] * 3)), "at most 5 lines"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
