"""The sizes of a transposed convolution: pure integers, and PyTorch's own rules, refusals included."""

from collections.abc import Iterable
from itertools import product, starmap
from typing import NamedTuple

Pair = int | tuple[int, int]


class Setting(NamedTuple):
    """The arguments of ``nn.ConvTranspose2d`` that decide its output size, in pixels along one axis."""

    kernel_size: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1


def output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Length of one spatial axis after ``nn.ConvTranspose2d``.

    ::

        out = (size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1

    Every argument and the result are in pixels along that axis.

    Raises:
        TypeError: where an argument is not an integer.
        ValueError: where PyTorch refuses the same arguments; the message says which rule is broken.

    Source: PyTorch documentation, ``torch.nn.ConvTranspose2d``, section Shape.
    """
    least = {"size": 1, "kernel_size": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    given = (size, kernel_size, stride, padding, output_padding, dilation)
    for (name, bound), number in zip(least.items(), given, strict=True):
        _require_integer(name, number)
        if number < bound:
            raise ValueError(f"{name} must be at least {bound}, and is {number}")
    if output_padding >= max(stride, dilation):
        raise ValueError(
            "output_padding must be smaller than stride or dilation: "
            f"{output_padding} is smaller than neither stride {stride} nor dilation {dilation}"
        )
    out = _formula(size, Setting(kernel_size, stride, padding, output_padding, dilation))
    if out < 1:
        raise ValueError(f"the output must have at least 1 pixel, and would have {out}; padding is {padding}")
    return out


def output_shape(
    size: tuple[int, int],
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
) -> tuple[int, int]:
    """Height and width after ``nn.ConvTranspose2d`` of an input of that height and width.

    Every setting is an integer for both axes or a pair (for the height, for the width), in pixels.

    Raises:
        TypeError: where a setting is neither an integer nor a pair of integers.
        ValueError: where PyTorch refuses the same arguments, in PyTorch's words. (Only for an input without
            pixels the words are ours: PyTorch's name the batch and the channels, which are not known here.)

    Source: PyTorch, ``aten/src/ATen/native``: ``Convolution.cpp`` and ``NaiveConvolutionTranspose2d.cpp``.
    """
    size = _pair("size", size)
    arguments = (kernel_size, stride, padding, output_padding, dilation)
    pairs = [_pair(name, value) for name, value in zip(Setting._fields, arguments, strict=True)]
    height, width = (Setting(*axis) for axis in zip(*pairs, strict=True))
    shape = _formula(size[0], height), _formula(size[1], width)
    if words := _refusal(size, height, width, shape):
        raise ValueError(words)
    return shape


def settings_for(
    input_size: int,
    output_size: int,
    *,
    kernel_sizes: Iterable[int] = range(1, 8),
    strides: Iterable[int] = range(1, 6),
    paddings: Iterable[int] = range(7),
    output_paddings: Iterable[int] = range(6),
    dilations: Iterable[int] = range(1, 5),
) -> list[Setting]:
    """Every setting within the bounds that leads from one size to the other, along one axis.

    First come those whose kernel_size is divisible by the stride, so that away from the border every output
    pixel is reached by equally many kernel weights; then the plainer before the more contrived.
    """
    found = [
        setting
        for setting in starmap(Setting, product(kernel_sizes, strides, paddings, output_paddings, dilations))
        if setting.output_padding < max(setting.stride, setting.dilation)
        and _formula(input_size, setting) == output_size
    ]
    return sorted(
        found,
        key=lambda one: (one.kernel_size % one.stride > 0, one.dilation, one.output_padding, one.kernel_size, one),
    )


def conv_inputs(size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> range:
    """Every input size that ``nn.Conv2d`` of this setting maps to ``size``, along one axis, in pixels.

    There are up to ``stride`` of them, because a convolution drops what its last step does not reach.
    ``nn.ConvTranspose2d`` goes back to the smallest, and ``output_padding`` is how to name another.

    Source: PyTorch documentation, ``torch.nn.Conv2d``, section Shape, solved for the input.
    """
    smallest = _formula(size, Setting(kernel_size, stride, padding, 0, dilation))
    return range(max(1, smallest), max(1, smallest + stride))


def _formula(size: int, setting: Setting) -> int:
    kernel_size, stride, padding, output_padding, dilation = setting
    return (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1


def _refusal(size: tuple[int, int], height: Setting, width: Setting, shape: tuple[int, int]) -> str | None:
    """PyTorch's words for the first rule that is broken, in PyTorch's order, or None."""
    axes = (height, width)
    if any(axis.padding < 0 for axis in axes):
        return "negative padding is not supported"
    if any(axis.output_padding < 0 for axis in axes):
        return "negative output_padding is not supported"
    if any(axis.stride < 1 for axis in axes):
        return "non-positive stride is not supported"
    if any(axis.dilation < 0 for axis in axes):
        return "dilation should be greater than zero"
    if min(size) < 1:
        return f"the input must have at least 1 pixel each way, and has {size[0]} x {size[1]}"
    if any(axis.kernel_size < 1 for axis in axes):
        return (
            "kernel size should be greater than zero, but got "
            f"kernel_height: {height.kernel_size} kernel_width: {width.kernel_size}"
        )
    if any(axis.dilation < 1 for axis in axes):
        return (
            "dilation should be greater than zero, but got "
            f"dilation_height: {height.dilation}, dilation_width: {width.dilation}"
        )
    if any(axis.output_padding >= max(axis.stride, axis.dilation) for axis in axes):
        return (
            "output padding must be smaller than either stride or dilation, but got "
            f"output_padding_height: {height.output_padding} output_padding_width: {width.output_padding} "
            f"stride_height: {height.stride} stride_width: {width.stride} "
            f"dilation_height: {height.dilation} dilation_width: {width.dilation}"
        )
    if min(shape) < 1:
        return (
            f"Given input size per channel: ({size[0]} x {size[1]}). "
            f"Calculated output size per channel: ({shape[0]} x {shape[1]}). Output size is too small"
        )
    return None


def _pair(name: str, value: Pair) -> tuple[int, int]:
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2:
        raise TypeError(f"{name} must be an integer or a pair of integers, and is {value!r}")
    for number in both:
        _require_integer(name, number)
    return tuple(both)


def _require_integer(name: str, number: int) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError(f"{name} must be an integer, and is {number!r}")
