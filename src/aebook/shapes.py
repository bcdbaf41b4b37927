"""What shape images and codes have, each refusal one sentence that says what was given and what is accepted."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from aebook.contract import whole


def whole_shape(image_shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """An image's shape as whole numbers, if it has three."""
    accepted = "image_shape must be (channels, height, width), each a whole number of at least 1"
    try:
        numbers = tuple(whole("image_shape", size) for size in image_shape)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{accepted}, and is {image_shape!r}") from None
    if len(numbers) != 3:
        raise ValueError(f"{accepted}, and is {numbers}")
    return numbers


def quartered(image_shape: tuple[int, int, int]) -> tuple[tuple[int, int, int], tuple[int, int]]:
    """An image's shape as whole numbers, and a quarter of its height and width, if they can be halved twice."""
    channels, height, width = whole_shape(image_shape)
    if height % 4 or width % 4:
        shape = (channels, height, width)
        raise ValueError(f"image_shape must have a height and a width divisible by 4 here, and is {shape}")
    return (channels, height, width), (height // 4, width // 4)


def require_images(images: Tensor, shape: tuple[int, int, int], encoder: nn.Module) -> None:
    """Refuse what is no batch of images (B, *shape) of the encoder's type, on its device."""
    _require(images, shape, encoder, "images", _advice_on_images)


def require_codes(codes: Tensor, shape: tuple[int, ...], decoder: nn.Module) -> None:
    """Refuse what is no batch of codes (B, *shape) of the decoder's type, on its device."""
    _require(codes, shape, decoder, "codes", _advice_on_codes)


def require_shape_of_images(images: Tensor, shape: tuple[int, int, int]) -> None:
    """Refuse a tensor of another shape than (B, *shape)."""
    _require_shape(images, shape, "images", _advice_on_images)


def _require(batch: Tensor, shape: tuple[int, ...], half: nn.Module, what: str, advice: Callable) -> None:
    if not isinstance(batch, Tensor):
        advice = f"; try torch.as_tensor({what})" if hasattr(batch, "__array__") else ""
        raise TypeError(f"{what} must be a tensor, and are a {type(batch).__name__}{advice}")
    _require_shape(batch, shape, what, advice)
    if not batch.is_floating_point():
        advice = "divide them by 255" if batch.dtype == torch.uint8 else f"try {what}.float()"
        raise TypeError(f"{what} must be floats, and are {batch.dtype}; {advice}")
    weight = _weight(half)
    if weight is None:
        return
    if batch.device != weight.device:
        advice = f"try {what}.to({str(weight.device)!r})"
        raise ValueError(f"{what} must be on {weight.device}, like the model, and are on {batch.device}; {advice}")
    if batch.dtype != weight.dtype and not torch.is_autocast_enabled(batch.device.type):
        advice = f"try {what}.to({weight.dtype})"
        raise TypeError(f"{what} must be {weight.dtype}, like the model, and are {batch.dtype}; {advice}")


def _require_shape(batch: Tensor, shape: tuple[int, ...], what: str, advice: Callable) -> None:
    given = tuple(batch.shape)
    if given[1:] != shape or not given:
        expected = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{what} must have the shape ({expected}), and have {given}{advice(given, shape)}")


def _weight(half: nn.Module) -> Tensor | None:
    """A half's first weight; none where the reader has put something else in the half's place."""
    for module in half.modules():
        if isinstance(weight := getattr(module, "weight", None), Tensor):
            return weight
    return None


def _advice_on_images(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """What makes images (B, *wanted) of those of a shape that is often met; nothing for another."""
    channels, *plane = wanted
    images = [wanted, (math.prod(wanted),)] + ([tuple(plane)] if channels == 1 else [])
    if given in images or given[1:] in images:
        return f"; try images.reshape(-1, {channels}, {plane[0]}, {plane[1]})"
    if len(given) == 4 and given[3] in (1, 3, 4) and given[1] != channels:
        return "; PyTorch has the channel first: try images.permute(0, 3, 1, 2)"
    if channels == 1 and given[1:] in ((3, *plane), (4, *plane)):
        return "; these models see grey: try images[:, :3].mean(1, keepdim=True)"
    if given[1:] == (1, *plane):
        return f"; this model sees colours: try images.expand(-1, {channels}, -1, -1)"
    if len(given) == 4 and given[1] == channels:
        return f"; try torch.nn.functional.interpolate(images, ({plane[0]}, {plane[1]}))"
    return ""


def _advice_on_codes(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    return "; one code alone is codes.unsqueeze(0)" if given == wanted else ""
