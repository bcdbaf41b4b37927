"""A figure of many pictures in rows, drawn in a fraction of a second."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from torch import Tensor

from aebook.looks import COLOURS, SIGNED, STYLE, WIDTH

LINE = 0.22  # inches: what a line of words takes
MARGIN = 1 / 24  # inches of paper around each picture; less where there are very many
GREYS = plt.get_cmap("gray_r")


class Sheet:
    """A figure with rows of places for pictures, and lines of words above the rows and below them all.

    All is in one Axes, measured in inches from the figure's upper left: to make an Axes for each picture, and to
    lay them out, would take ten times as long as all the rest.

    Args:
        like: (…, H, W): all its pictures have that height and width.
        columns: places in a row; together they are as wide as every figure.
        lines: how many lines of words have room above each row, which may be a part of one.
        below: how many have it below the last row.
    """

    def __init__(self, like: Tensor, columns: int, lines: list[float], below: float = 0):
        high, wide = like.shape[-2:]
        self.columns, self.margin = columns, min(MARGIN, WIDTH / columns / 4)
        longest = (WIDTH / columns - 2 * self.margin) / max(high, wide)
        self.size = longest * wide, longest * high
        place = self.size[1] + 2 * self.margin
        self.tops = _at_dots(np.cumsum(lines) * LINE + place * np.arange(len(lines)) + self.margin)
        self.lefts = _at_dots(WIDTH / columns * (np.arange(columns) + 0.5) - self.size[0] / 2)
        self.height = (sum(lines) + below) * LINE + place * len(lines)
        self.figure = plt.figure(figsize=(WIDTH, self.height), layout="none")
        left, top, right, bottom = self.margin, self.margin, WIDTH - self.margin, self.height - self.margin
        parts = (left / WIDTH, top / self.height, (right - left) / WIDTH, (bottom - top) / self.height)
        self.axis = self.figure.add_axes(parts, xlim=(left, right), ylim=(bottom, top))
        self.axis.set_axis_off()

    def show(self, images: Tensor, row: int = 0, title: str = "", largest: float | None = None) -> None:
        """Puts pictures (N, C, H, W) into the places from the first of a row on, in as many rows as they take.

        With ``largest`` they are signed numbers of at most that size, else ink from 0 to 1, or colours.
        """
        cmap, scale = (SIGNED, Normalize(-largest, largest)) if largest else (GREYS, Normalize(0, 1))
        corners = []
        for at, image in enumerate(images):
            left, top = self.lefts[at % self.columns], self.tops[row + at // self.columns]
            right, bottom = left + self.size[0], top + self.size[1]
            picture = AxesImage(self.axis, cmap=cmap, norm=scale, interpolation="nearest")
            picture.set_data((image.permute(1, 2, 0).clamp(0, 1) if len(image) == 3 else image[0]).numpy())
            picture.set_extent((left, right, bottom, top))
            self.axis.add_image(picture)
            corners.append([(left, top), (right, top), (right, bottom), (left, bottom)])
        style = {"facecolors": "none", "edgecolors": COLOURS["hairline"], "linewidths": 0.5, "clip_on": False}
        self.axis.add_collection(PolyCollection(corners, **style), autolim=False)
        if title:  # which may be wider than the first picture
            self._write(title, self.margin, self.tops[row], 3)

    def write_below(self, row: int, column: int, words: str) -> None:
        """Words in the middle below a picture."""
        middle, bottom = self.lefts[column] + self.size[0] / 2, self.tops[row] + self.size[1]
        self._write(words, middle, bottom, -4, ha="center", va="top")

    def write_last(self, words: str) -> None:
        """Words at the lower left."""
        self._write(words, self.margin, self.height - self.margin, 0, va="bottom")

    def _write(self, words: str, x: float, y: float, up: float, **style) -> None:
        self.axis.annotate(words, (x, y), (0, up), textcoords="offset points", annotation_clip=False, **style)


def _at_dots(inches: np.ndarray) -> np.ndarray:
    """Those places moved to whole dots: what lies alike within its dots is drawn alike, and compresses well."""
    dots = STYLE["figure.dpi"]
    return np.round(inches * dots) / dots
