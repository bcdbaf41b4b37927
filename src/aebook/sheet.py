"""A figure of many pictures in rows, drawn in a fraction of a second."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from torch import Tensor

from aebook.looks import COLOURS, SIGNED, WIDTH

LINE = 0.22  # inches: what a line of words takes
MARGIN = 1 / 24  # inches of paper around each picture; less where there are very many
GREYS = plt.get_cmap("gray_r")


class Sheet:
    """A figure with rows of places for pictures, and lines of words above the rows and below them all.

    All is in one Axes, measured in inches from the figure's upper left: to make an Axes for each picture, and to
    lay them out, would take ten times as long as all the rest.

    Args:
        like: (…, H, W), of which shape all its pictures are.
        columns: places in a row, which take the figure's width.
        lines: of words above each row.
        below: lines of words below the last.
    """

    def __init__(self, like: Tensor, columns: int, lines: list[float], below: float = 0):
        high, wide = like.shape[-2:]
        self.columns, self.margin = columns, min(MARGIN, WIDTH / columns / 4)
        longest = (WIDTH / columns - 2 * self.margin) / max(high, wide)
        self.size = longest * wide, longest * high
        place = self.size[1] + 2 * self.margin
        self.tops = np.cumsum(lines) * LINE + place * np.arange(len(lines)) + self.margin
        self.height = self.tops[-1] - self.margin + place + below * LINE
        self.figure = plt.figure(figsize=(WIDTH, self.height), layout="none")
        left, top, right, bottom = self.margin, self.margin, WIDTH - self.margin, self.height - self.margin
        parts = (left / WIDTH, top / self.height, (right - left) / WIDTH, (bottom - top) / self.height)
        self.axis = self.figure.add_axes(parts, xlim=(left, right), ylim=(bottom, top))
        self.axis.set_axis_off()

    def show(self, images: Tensor, row: int = 0, title: str = "", largest: float | None = None) -> None:
        """Puts pictures (N, C, H, W) into the places from the first of a row on, in as many rows as they take.

        With ``largest`` they are signed numbers up to that, else ink.
        """
        cmap, scale = (SIGNED, Normalize(-largest, largest)) if largest else (GREYS, Normalize(0, 1))
        corners = []
        for at, image in enumerate(images):
            left = self._middle(at % self.columns) - self.size[0] / 2
            top = self.tops[row + at // self.columns]
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

    def _middle(self, column: int) -> float:
        return WIDTH / self.columns * (column + 0.5)

    def write_below(self, row: int, column: int, words: str) -> None:
        """Words in the middle below a picture."""
        self._write(words, self._middle(column), self.tops[row] + self.size[1], -4, ha="center", va="top")

    def write_last(self, words: str) -> None:
        """Words at the lower left."""
        self._write(words, self.margin, self.height - self.margin, 0, va="bottom")

    def _write(self, words: str, x: float, y: float, up: float, **style) -> None:
        self.axis.annotate(words, (x, y), (0, up), textcoords="offset points", annotation_clip=False, **style)
