"""The pictures of what codes hold: maps of codes of two numbers, and what labels and bits buy.

Numbers in, a closed Figure out, in the look of ``figures``; nothing here runs a model.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from aebook.figure_words import WORDS
from aebook.looks import COLOURS, STYLE, WIDTH, of_words

TOLD = {4: "code", 7: "m-stacked", 9: "net"}  # digits that are easily taken for each other, and their colours
# By the order in which lines are given: their colours, and how they are drawn.
LINES = [("m-linear", "s:"), ("m-stacked", "^-."), ("net", "o-"), ("ink", "D-"), ("code", "v--")]


def code_maps(maps: dict[str, Tensor], labels: Tensor) -> Figure:
    """Codes of two numbers as maps side by side, each under its name: at every code stands what its image shows.

    4, 7 and 9 are in colours, the other digits grey; each map has a scale of its own, without the few
    codes that lie far out.

    Args:
        maps: by name, codes (N, 2).
        labels: (N,), the digits 0 to 9 that the images show.

    Raises:
        ValueError: where there is no map, or one has another shape.
    """
    if not maps:
        raise ValueError("code_maps must have at least one map, and has none")
    digits = np.asarray(labels)
    every = {name: np.asarray(codes, dtype=float) for name, codes in maps.items()}
    for name, places in every.items():
        if places.shape != (len(digits), 2):
            raise ValueError(f"{name} must have a code of two numbers for each label, and has {places.shape}")
    with plt.rc_context(STYLE | {"axes.grid": False}):
        figure, axes = plt.subplots(1, len(maps), figsize=(WIDTH, WIDTH / len(maps) + 0.25), squeeze=False)
        for axis, (name, places) in zip(axes.flat, every.items(), strict=True):
            ends = np.quantile(places, [0.01, 0.99], axis=0)  # few lie so far out that all others would be a dot
            inside = ((places >= ends[0]) & (places <= ends[1])).all(axis=1)
            axis.set(xticks=[], yticks=[], title=name)
            axis.margins(0.03)  # no digit is cut by the edge
            for digit in sorted(range(10), key=lambda digit: digit in TOLD):  # those in colours on top
                style = {"color": COLOURS[TOLD.get(digit, "m-linear")], "linewidths": 0.2}
                axis.scatter(*places[inside & (digits == digit)].T, s=22, marker=f"${digit}$", **style)
    plt.close(figure)
    return figure


def right_by_labels(counts: list[int], shares: dict[str, Tensor], language: str = "en") -> Figure:
    """How often a digit is named right against the number of labelled images, a line for each way to learn.

    Args:
        counts: of labelled images, by growing number; their axis is logarithmic.
        shares: by name, (counts, seeds), from 0 to 1; at most five.
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: where a name has not a row of shares for every count, or there are more than five.
    """
    return _lines(counts, shares, ("labels", "right"), language)


def errors_by_bits(bits: list[int], errors: dict[str, Tensor], language: str = "en") -> Figure:
    """Test error against the bits of a whole code, a line for each code; arguments as in ``right_by_labels``."""
    return _lines(bits, errors, ("bits", "mean squared error"), language, ylim=(0, None))


def _lines(at: list[int], values: dict[str, Tensor], axes: tuple[str, str], language: str, **more) -> Figure:
    """A line through the means of each name, a point for each seed, and the names where the lines end."""
    if language not in WORDS:
        raise ValueError(f"language must be one of {', '.join(WORDS)}, and is {language!r}")
    if len(values) > len(LINES):
        raise ValueError(f"there must be at most {len(LINES)} lines, and there are {len(values)}")
    words, ends = WORDS[language], {}
    lines = {name: np.asarray(rows, dtype=float) for name, rows in values.items()}
    for name, rows in lines.items():
        if rows.ndim != 2 or len(rows) != len(at):
            raise ValueError(f"{name} must have a row of seeds for each of {len(at)}, and has {rows.shape}")
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 3.2))
        for (name, rows), (colour, style) in zip(lines.items(), LINES, strict=False):
            axis.plot(at, rows.mean(axis=1), style, color=COLOURS[colour])
            axis.plot(at, rows, ".", color=COLOURS[colour], markersize=2)
            ends[name] = (rows[-1].mean(), COLOURS[colour])
        axis.set(xscale="log", xlabel=words[axes[0]], ylabel=words[axes[1]], **more)
        axis.set_xticks(at, [f"{one:,}" for one in at])
        axis.minorticks_off()
        _name(axis, at[-1], ends)
    plt.close(figure)
    return figure


def _name(axis: Axes, at: int, ends: dict[str, tuple[float, str]]) -> None:
    """The name of each line right of its end, in its colour, a line of words from the next."""
    low, high = axis.get_ylim()
    named, heights = sorted(ends.items(), key=lambda named: named[1][0]), []
    for _, (value, _) in named:
        heights.append(max(value, heights[-1] + 0.075 * (high - low)) if heights else value)
    down = max(0, heights[-1] - high)  # none above the top
    for (name, (_, colour)), height in zip(named, np.array(heights) - down, strict=True):
        axis.annotate(name, (at, height), (8, 0), "data", "offset points", va="center", color=of_words(colour))
