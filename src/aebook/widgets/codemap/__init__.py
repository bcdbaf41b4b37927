"""The widget CodeMap: a code of two numbers, seen whole."""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from aebook import batches
from aebook.widgets import own
from aebook.widgets.widget import Widget

SIDE, LEVELS = 28, 15


class CodeMap(Widget):
    """All codes of two numbers as a map: what the decoder draws everywhere, and where digits lie.

    Beside the book's two models, it shows a learner's own, on the book's 1,000 test digits or on others:

        CodeMap(network=model)
        CodeMap(book="variational")  # of the book's, chapter 9's VAE beside the nonlinear one
        CodeMap(network=model, images=test.images[:500], digits=test.labels[:500])

    Args:
        network: a model with an ``encoder`` from images (B, 1, 28, 28) to codes (B, 2) and a ``decoder`` back, of
            layers that ``nets.packed`` takes. Its weights are copied: after more training set ``network`` again.
        images: the digits on the map, (N, 1, 28, 28), uint8 or floats in [0, 1]; the view gets them in 16 greys.
        digits: their labels, N integers from 0 to 9.
        settings: the model, the point and the classes that are hidden, as the page's address has them.

    Raises:
        TypeError, ValueError: a model, images or labels that are something else; the message says what is taken.
        traitlets.TraitError: a value that a setting does not take, or a name that is no setting.
    """

    folder = Path(__file__).parent

    def __init__(
        self,
        network: nn.Module | None = None,
        images: Tensor | None = None,
        digits: Tensor | None = None,
        **settings,
    ):
        if (images is None) != (digits is None):
            raise ValueError("images and digits must be given together, one label for each image")
        carried = {} if images is None else _carried(images, digits)
        nets = _written(network)
        super().__init__(**{**({} if network is None else {"model": "own"}), **settings}, **carried)
        self._network = network
        self.nets = nets

    @property
    def network(self) -> nn.Module | None:
        """The learner's own model; set it again to show what it has learned since."""
        return self._network

    @network.setter
    def network(self, network: nn.Module | None):
        self.nets = _written(network)
        self._network = network


def _written(network):
    """The model as bytes, its codes being of two numbers."""
    if network is None:
        return b""
    written = own.written({"own": network})
    length = int.from_bytes(written[:4], "little")
    size = json.loads(written[4:][:length])[0]["facts"]["code_size"]
    if size != 2:
        raise ValueError(f"network must make codes of 2 numbers, and makes codes of {size}")
    return written


def _carried(images, digits):
    """The images in 16 greys and their labels, a byte each."""
    images, digits = batches.checked(torch.as_tensor(images)), torch.as_tensor(digits)
    if images.numel() != len(digits) * SIDE * SIDE:
        raise ValueError(
            f"images must be 28×28, one for each of the {len(digits)} labels, and are {tuple(images.shape)}"
        )
    if not len(digits) or digits.min() < 0 or digits.max() > 9:
        raise ValueError("digits must be labels from 0 to 9, at least one")
    part = images.float() / 255 if images.dtype == torch.uint8 else images.float()
    greys = part.clamp(0, 1).mul(LEVELS).round().to(torch.uint8)
    return {"greys": greys.cpu().numpy().tobytes(), "labels": digits.to(torch.uint8).cpu().numpy().tobytes()}
