"""Draw a digit, and see what each model makes of it: ``Drawing``."""

import base64
from pathlib import Path

import torch
from torch import Tensor, nn

from aebook import batches
from aebook.widgets.own import ModelsWidget

SIDE = 28
CHANGES = {"mirror": False, "right": 0, "down": 0, "rub": 0, "noise": 0, "invert": False}


class Drawing(ModelsWidget):
    """A pad to draw a digit on, and what models draw again of it from the few numbers of their codes.

    Beside the book's three models with 20 numbers, it shows a learner's own:

        drawing = Drawing(models={"mine": model})
        drawing.image  # what the models get, (1, 1, 28, 28), from 0 to 1
        Drawing(book="denoising")  # chapter 7's denoiser beside the others, errors from the clean drawing

    Args:
        models: by the name that is shown, each with an ``encoder`` from images (B, 1, 28, 28) to codes (B, n) and
            a ``decoder`` back, of layers that ``nets.packed`` takes. Their weights are copied: after more training
            set ``drawing.models`` again.
        image: to begin with, 28×28 numbers, uint8 or floats in [0, 1], in any shape that holds as many.
        settings: the digit of the drawer, what is drawn and what is done to it, as the page's address has them.

    Raises:
        TypeError, ValueError: a model or an image that is something else; the message says what is accepted.
        traitlets.TraitError: a value that a setting does not take, or a name that is no setting.
    """

    folder = Path(__file__).parent

    def __init__(self, models: dict[str, nn.Module] | None = None, image: Tensor | None = None, **settings):
        super().__init__(models, **settings)
        if image is not None:
            self.image = image

    @property
    def image(self) -> Tensor:
        """What the models get, (1, 1, 28, 28), floats from 0 to 1.

        A drawing, and noise, are made an image by the view: until it is shown, they are not in it.
        """
        as_it_is = not self.strokes and all(getattr(self, name) == value for name, value in CHANGES.items())
        greys = self._given() if as_it_is or len(self.seen) != SIDE * SIDE else self.seen
        return torch.frombuffer(bytearray(greys), dtype=torch.uint8).reshape(1, 1, SIDE, SIDE) / 255

    @image.setter
    def image(self, image: Tensor):
        image = batches.checked(torch.as_tensor(image))
        if image.numel() != SIDE * SIDE:
            raise ValueError(f"image must have 28×28 numbers, and has the shape {tuple(image.shape)}")
        greys = image if image.dtype == torch.uint8 else image.float().clamp(0, 1).mul(255).round().to(torch.uint8)
        text = base64.urlsafe_b64encode(greys.cpu().numpy().tobytes()).decode().rstrip("=")
        with self.hold_trait_notifications():
            for name, value in {**CHANGES, "strokes": "", "digit": -1, "pixels": text}.items():
                setattr(self, name, value)

    def _given(self) -> bytes:
        """The greys of the image that is there without having been drawn."""
        if self.pixels:
            return base64.urlsafe_b64decode(self.pixels + "==")
        if self.digit < 0:
            return bytes(SIDE * SIDE)
        digits = (self.folder / "digits.bin").read_bytes()
        return digits[self.digit * SIDE * SIDE :][: SIDE * SIDE]
