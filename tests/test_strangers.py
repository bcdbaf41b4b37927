"""Printed letters as MNIST's digits are: their box, their middle, their order."""

import numpy as np
import pytest
import torch

from aebook import data
from aebook.strangers import printed

TEXT = "AbgjQy019가한글"


def boxes(images):
    """The extent of the ink of each picture: rows, columns."""
    inked = images.squeeze(1) > 0
    return torch.stack([inked.any(axis).sum(1) for axis in (2, 1)], dim=1)


def middles(images):
    """The centre of mass of each picture, (N, 2), in pixels."""
    ink = images.squeeze(1).double()
    places = torch.arange(28) + 0.5
    return torch.stack([(ink.sum(axis) * places).sum(1) / ink.sum((1, 2)) for axis in (2, 1)], dim=1)


def test_a_letter_fills_its_box_and_its_mass_is_in_the_middle_as_a_digits_is():
    letters, digits = printed(TEXT, (-10, 0, 10)), data.mnist(train=False).images[:500]
    assert letters.dtype == torch.uint8 and letters.shape == (3 * len(TEXT), 1, 28, 28)
    assert letters.flatten(1).max(1).values.min() > 200, "full ink somewhere"
    for images in (letters, digits):
        assert boxes(images).max() <= 20
        assert (boxes(images).max(1).values >= 18).double().mean() > 0.98
        assert (middles(images) - 14).abs().max() <= 1.0


def test_the_angles_of_a_letter_follow_each_other_and_a_turn_is_anticlockwise():
    both = printed("lA", (0, 30))
    assert torch.equal(both[[0, 2]], printed("lA")) and not torch.equal(both[0], both[1])
    rows, columns = np.nonzero(both[1, 0].numpy() > 100)
    assert np.corrcoef(rows, columns)[0, 1] > 0.9, "turned to the left, a stroke leans to the upper left"


def test_other_letters_are_other_pictures():
    assert len(printed(TEXT).flatten(1).unique(dim=0)) == len(TEXT)


@pytest.mark.parametrize(("text", "error"), [("", TypeError), (7, TypeError), ("A B", ValueError)])
def test_what_leaves_no_ink_is_refused(text, error):
    with pytest.raises(error, match="text must be"):
        printed(text)
