"""Corruptions to learn from: what ``fit(corrupt=…)`` and ``evaluate(corrupt=…)`` make of clean images.

Each is made once, with its strength, and then called with images, floats from 0 to 1, which it leaves as they are:
``fit(model, images, …, corrupt=noises.Gaussian(0.4))``.

Its chance is PyTorch's own, which ``torch.manual_seed`` decides, ``fit`` keeps in a checkpoint, and ``evaluate``
repeats. Given a seed or a ``torch.Generator`` instead, a noise draws from that alone, the same numbers each time
that it is made anew: for images that several methods are to be compared on.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from aebook.contract import real, whole


class Noise:
    """What the noises have in common: a name with the strength in it, and where their chance comes from.

    Args:
        strength: how the strength is written.
        generator: None for PyTorch's own chance; a ``torch.Generator``, or a seed for one on the images' device.

    Raises:
        TypeError, ValueError: where the generator is something else.
    """

    def __init__(self, strength: str, generator: torch.Generator | int | None):
        if not (generator is None or isinstance(generator, torch.Generator)):
            generator = whole("generator, if it is no torch.Generator,", generator, least=0)
        self.generator = generator
        # By this a checkpoint tells one corruption from another.
        self.__qualname__ = f"{type(self).__name__}({strength})"

    def __repr__(self) -> str:
        return self.__qualname__

    def drawn(self, draw: Callable, shape: tuple[int, ...], images: Tensor) -> Tensor:
        """Random numbers of that shape by ``torch.rand`` or ``torch.randn``, in fp32, on the images' device."""
        if isinstance(self.generator, int):
            self.generator = torch.Generator(images.device).manual_seed(self.generator)
        device = images.device if self.generator is None else self.generator.device
        return draw(shape, generator=self.generator, device=device).to(images.device)


class Gaussian(Noise):
    """Adds to each number one from a normal distribution of mean 0, and cuts off what is below 0 and above 1.

    Args:
        sigma: its standard deviation, at least 0; or a pair (least, largest), and each image has its own between
            these.
        generator: where its chance comes from, as ``Noise`` has it.

    Raises:
        TypeError, ValueError: where they are something else; at the call, where the images are no floats.
    """

    def __init__(self, sigma: float | tuple[float, float], generator: torch.Generator | int | None = None):
        ends = sigma if isinstance(sigma, tuple | list) else (sigma, sigma)
        if len(ends) != 2:
            raise ValueError(f"sigma must be one number or a pair (least, largest), and is {sigma!r}")
        self.least, self.largest = (real("sigma", end, zero=True) for end in ends)
        if self.least > self.largest:
            raise ValueError(f"sigma must be a pair (least, largest), and is {sigma!r}")
        one = self.least == self.largest
        super().__init__(f"{self.least:g}" if one else f"{self.least:g} to {self.largest:g}", generator)

    def __call__(self, images: Tensor) -> Tensor:
        """The images (B, …), each number changed by itself; from 0 to 1."""
        _require_floats(images)
        sigma = self.least
        if self.largest > self.least:
            each = (len(images), *[1] * (images.dim() - 1))
            sigma = self.least + (self.largest - self.least) * self.drawn(torch.rand, each, images)
        noise = sigma * self.drawn(torch.randn, images.shape, images)
        return (images + noise).clamp(0, 1).to(images.dtype)


class SaltAndPepper(Noise):
    """Sets a share of the numbers, by chance, to 0 or to 1, both equally often.

    Args:
        share: of the numbers that are set, from 0 to 1; a half of these had to change where an image is 0 or 1.
        generator: where its chance comes from, as ``Noise`` has it.

    Raises:
        TypeError, ValueError: where they are something else; at the call, where the images are no floats.
    """

    def __init__(self, share: float, generator: torch.Generator | int | None = None):
        self.share = real("share", share, zero=True)
        if self.share > 1:
            raise ValueError(f"share must be from 0 to 1, and is {self.share:g}")
        super().__init__(f"{self.share:g}", generator)

    def __call__(self, images: Tensor) -> Tensor:
        """The images (B, …), each number set by itself or left alone."""
        _require_floats(images)
        chance = self.drawn(torch.rand, images.shape, images)
        struck = torch.where(chance < self.share / 2, torch.zeros_like(images), torch.ones_like(images))
        return torch.where(chance < self.share, struck, images)


class MissingSquares(Noise):
    """Blanks a square of each image, at a place by chance, wholly within it.

    Args:
        size: of the square's side, in pixels, at least 1.
        value: what stands in it, from 0 (paper) to 1 (ink).
        generator: where its chance comes from, as ``Noise`` has it.

    Raises:
        TypeError, ValueError: where they are something else; at the call, where the images are no floats
            (B, C, H, W), or smaller than the square.
    """

    def __init__(self, size: int, value: float = 0.0, generator: torch.Generator | int | None = None):
        self.size, self.value = whole("size", size), real("value", value, zero=True)
        if self.value > 1:
            raise ValueError(f"value must be from 0 to 1, and is {self.value:g}")
        super().__init__(f"{self.size}, {self.value:g}", generator)

    def __call__(self, images: Tensor) -> Tensor:
        """The images (B, C, H, W), each with its own square."""
        _require_floats(images)
        if images.dim() != 4 or min(images.shape[2:]) < self.size:
            accepted = f"images must have the shape (B, C, H, W), of at least {self.size} pixels a side"
            raise ValueError(f"{accepted}, and have {tuple(images.shape)}")
        rows, columns = (self._covered(images, axis) for axis in (2, 3))  # (B, H) and (B, W)
        square = (rows[:, :, None] & columns[:, None, :]).unsqueeze(1)
        return images.masked_fill(square, self.value)

    def _covered(self, images: Tensor, axis: int) -> Tensor:
        """Which places along an axis each image's square covers."""
        length = images.shape[axis]
        free = length - self.size  # places beside the first
        firsts = (self.drawn(torch.rand, (len(images), 1), images) * (free + 1)).floor().clamp(max=free)
        places = torch.arange(length, device=images.device)
        return (places >= firsts) & (places < firsts + self.size)


def _require_floats(images: Tensor) -> None:
    if not isinstance(images, Tensor):
        raise TypeError(f"images must be a tensor of floats from 0 to 1, and are a {type(images).__name__}")
    if not images.is_floating_point():
        advice = "; divide them by 255" if images.dtype == torch.uint8 else ""
        raise TypeError(f"images must be floats from 0 to 1, and are {images.dtype}{advice}")
