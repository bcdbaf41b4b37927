"""Pictures that are no handwritten digits, made as MNIST's were: to see whether a model notices."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

FONT = Path(__file__).parent / "fonts" / "aebookGothic.ttf"
SIDE, BOX = 28, 20  # pixels: of a picture, and of the box that its ink fills
DRAWN = 200  # pixels: the height of letters before they are made small


def printed(text: str, turns: tuple[float, ...] = (0.0,)) -> Tensor:
    """Each letter of a text as a picture, at each of some angles: uint8, (letters × turns, 1, 28, 28).

    As in MNIST, the ink is 255 and the paper 0, the letter fills a box of 20×20 as far as its shape lets it, and
    its centre of mass is the picture's middle. The letters are those of the font that the package carries:
    Latin ones, digits and Hangul.

    Args:
        text: the letters, in order; none of them a space.
        turns: degrees, anticlockwise; the angles of a letter follow each other.

    Raises:
        TypeError, ValueError: where there is no text, or a letter of it leaves no ink.
    """
    if not isinstance(text, str) or not text:
        raise TypeError(f"text must be a str of at least one letter, and is {text!r}")
    font = ImageFont.truetype(str(FONT), DRAWN)
    pictures = [_picture(letter, font, turn) for letter in text for turn in turns]
    return torch.from_numpy(np.stack(pictures)).unsqueeze(1)


def _picture(letter: str, font: ImageFont.FreeTypeFont, turn: float) -> np.ndarray:
    """One letter, 28×28 bytes."""
    large = Image.new("L", (3 * DRAWN, 3 * DRAWN))
    ImageDraw.Draw(large).text((1.5 * DRAWN, 1.5 * DRAWN), letter, fill=255, font=font, anchor="mm")
    large = large.rotate(turn, Image.Resampling.BICUBIC)
    inked = large.getbbox()
    if inked is None:
        raise ValueError(f"text must be of letters that leave ink, and has {letter!r}")
    cut = large.crop(inked)
    scale = BOX / max(cut.size)
    small = cut.resize([max(1, round(scale * side)) for side in cut.size], Image.Resampling.BOX)
    return _centred(np.asarray(small))


def _centred(ink: np.ndarray) -> np.ndarray:
    """The ink on a picture of 28×28, its centre of mass in the middle, as far as it fits."""
    picture = np.zeros((SIDE, SIDE), np.uint8)
    corner = []
    for axis, length in enumerate(ink.shape):
        mass = ink.sum(axis=1 - axis, dtype=float)
        middle = (mass * (np.arange(length) + 0.5)).sum() / mass.sum()
        corner.append(min(max(round(SIDE / 2 - middle), 0), SIDE - length))
    picture[corner[0] : corner[0] + ink.shape[0], corner[1] : corner[1] + ink.shape[1]] = ink
    return picture
