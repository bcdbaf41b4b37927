"""The pictures of scores: how many images have which, and what every threshold makes of them."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from aebook.figure_words import WORDS
from aebook.looks import COLOURS, STYLE, WIDTH

BARS = 40
LINES = (("-", "net"), ("-.", "m-stacked"), (":", "muted"), ("--", "trace"))
MARKS = "osD^"


def histograms(
    familiar: Tensor, unfamiliar: dict[str, Tensor], threshold: float | None = None, language: str = "en"
) -> Figure:
    """The scores of familiar images, (N,), and below them those of each kind of unfamiliar ones, on one axis.

    Args:
        familiar: finite numbers.
        unfamiliar: by a name that is shown, scores (M,); each has a histogram of its own.
        threshold: where to draw a line through all of them; the scores above it are drawn darker. None for none.
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: scores that are not finite numbers of one axis, or a language that there is not.
    """
    words = _words(language)
    rows = {words["familiar"]: _scores(familiar), **{name: _scores(one) for name, one in unfamiliar.items()}}
    every = np.concatenate(list(rows.values()))
    edges = np.linspace(min(0, every.min()), np.quantile(every, 0.995), BARS + 1)
    with plt.rc_context(STYLE | {"axes.grid": False, "axes.spines.left": False}):
        size = (WIDTH, 0.5 + 0.7 * len(rows))
        figure, axes = plt.subplots(len(rows), figsize=size, sharex=True, squeeze=False)
        for at, (axis, (name, scores)) in enumerate(zip(axes[:, 0], rows.items(), strict=True)):
            style = {"width": np.diff(edges), "align": "edge", "color": COLOURS["net" if at else "muted"]}
            shown = scores.clip(max=edges[-1])
            alarms, _ = np.histogram(shown[scores > (-np.inf if threshold is None else threshold)], edges)
            axis.bar(edges[:-1], alarms, **style)
            axis.bar(edges[:-1], np.histogram(shown, edges)[0] - alarms, bottom=alarms, alpha=0.45, **style)
            axis.set(yticks=[], xlim=(edges[0], edges[-1]))
            axis.annotate(name, (1, 0.95), xycoords="axes fraction", ha="right", va="top")
            if threshold is not None:
                axis.axvline(threshold, color=COLOURS["code"], linestyle="--")
        axes[-1, 0].set_xlabel(words["score"])
    plt.close(figure)
    return figure


def roc(curves: dict[str, tuple[Tensor, Tensor]], language: str = "en") -> Figure:
    """ROC curves, each by its name: what share of the unfamiliar is hit, by what share of false alarms.

    Args:
        curves: false alarms and hits, shares from 0 to 1 by growing false alarms, both of (N,), as
            ``sklearn.metrics.roc_curve`` gives them.
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: where they are no such shares, or a language that there is not.
    """
    words = _words(language)
    curves = {name: (_scores(alarms), _scores(hits)) for name, (alarms, hits) in curves.items()}
    for name, (alarms, hits) in curves.items():
        shares = np.concatenate([alarms, hits])
        if alarms.shape != hits.shape or shares.min() < 0 or shares.max() > 1:
            raise ValueError(f"{name} must be false alarms and hits, shares from 0 to 1, one of each a point")
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(0.8 * WIDTH, 0.8 * WIDTH))
        for (name, points), (line, hue) in zip(curves.items(), LINES, strict=False):
            axis.plot(*points, line, color=COLOURS[hue], label=name)
        axis.plot([0, 1], [0, 1], color=COLOURS["hairline"], zorder=0)
        axis.set(xlabel=words["false alarms"], ylabel=words["hits"], aspect="equal")
        axis.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axis.legend(loc="lower right", frameon=False)
    plt.close(figure)
    return figure


def by_digit(aurocs: dict[str, Tensor], language: str = "en") -> Figure:
    """The AUROC with each digit as the unfamiliar one, a large mark for the mean and a small one for each seed.

    Args:
        aurocs: by the name of a score, shares from 0 to 1, (seeds, 10). A line marks 0.5, which is chance.
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: where they are no such shares, or a language that there is not.
    """
    words = _words(language)
    shares = {name: torch.as_tensor(values).double().numpy() for name, values in aurocs.items()}
    for name, values in shares.items():
        if values.ndim != 2 or values.shape[1] != 10 or not ((values >= 0) & (values <= 1)).all():
            raise ValueError(f"{name} must be shares from 0 to 1, (seeds, 10), and has {values.shape}")
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 3))
        axis.axhline(0.5, color=COLOURS["code"], linestyle="--")
        for at, (name, values) in enumerate(shares.items()):
            places = np.arange(10) + 0.2 * (at - (len(aurocs) - 1) / 2)
            (mean,) = axis.plot(places, values.mean(0), MARKS[at % 4], color=COLOURS[LINES[at % 4][1]], label=name)
            axis.plot(places, values.T, ".", color=mean.get_color(), markersize=3)
        axis.set(xlabel=words["left out"], ylabel="AUROC", xticks=range(10))
        axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(shares), borderaxespad=0)
    plt.close(figure)
    return figure


def _words(language: str) -> dict[str, str]:
    if language not in WORDS:
        raise ValueError(f"language must be one of {', '.join(WORDS)}, and is {language!r}")
    return WORDS[language]


def _scores(values: Tensor) -> np.ndarray:
    """Scores as float64, if they are finite numbers of one axis."""
    array = torch.as_tensor(values).detach().cpu().double().numpy()
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        lost = int((~np.isfinite(array)).sum())
        given = f"have the shape {array.shape}, {lost} of them nan or infinite"
        raise ValueError(f"scores must be finite numbers of one axis, at least one, and {given}")
    return array
