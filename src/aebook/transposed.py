"""The sizes of a transposed convolution: pure integers, and PyTorch's own rules, refusals included.

Wherever an integer is taken, a NumPy integer is too, as PyTorch does; a bool is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # sizes are had without PyTorch, and at once
    from torch import nn

Pair = int | tuple[int, int]

WORDS_FROM = "2.14"  # the version of PyTorch whose words output_shape gives; others may say the same otherwise
MEANINGS = ("even", "borders", "uneven", "unreached")  # of a setting, the best first
LEAST = {"size": 1, "kernel_size": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}


class Setting(NamedTuple):
    """The arguments of ``nn.ConvTranspose2d`` that decide its output size, in pixels along one axis.

    To build the layer, call ``layer``. Do not unpack a setting into ``nn.ConvTranspose2d``, whose arguments stand
    in another order: where ``dilation`` stands here, ``groups`` stands there.
    """

    kernel_size: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1

    def layer(self, in_channels: int, out_channels: int, **others) -> nn.ConvTranspose2d:
        """The layer of this setting, the same for height and width; ``others`` are its other arguments."""
        from torch import nn

        return nn.ConvTranspose2d(in_channels, out_channels, **self._asdict(), **others)

    def overlaps(self, size: int) -> list[int]:
        """How many kernel weights land on each cell of the output of an input of that size, along one axis.

        In a map they multiply: a cell gets as many as its row does times as many as its column does.

        Raises:
            TypeError, ValueError: as ``output_size`` does.
        """
        counts = [0] * output_size(size, *self)
        for place, weight in product(range(int(size)), range(self.kernel_size)):
            at = place * self.stride + weight * self.dilation - self.padding
            if 0 <= at < len(counts):
                counts[at] += 1
        return counts

    def repeating(self) -> list[int]:
        """How many kernel weights land on each of the ``stride`` cells that repeat far from the borders.

        They are equally many where ``kernel_size`` is divisible by ``stride``, and ``dilation`` and ``stride``
        share no factor; where they share one, some are 0.
        """
        counts = [0] * self.stride
        for weight in range(self.kernel_size):
            counts[weight * self.dilation % self.stride] += 1
        return counts

    def meaning(self, size: int) -> str:
        """What becomes of an input of that size, by the number of kernel weights that land on each output cell.

        Along one axis it is one of

        - ``"even: 2"``: so many on each cell, but for fewer near the borders; 1 is no overlap at all,
        - ``"borders: 2 to 4"``: even too, but no cell is far enough from a border to get them all,
        - ``"uneven: 1 to 2"``: the lattice of a checkerboard,
        - ``"unreached: 7 of 14"``: so many cells get nothing at all.

        Raises:
            TypeError, ValueError: as ``output_size`` does.
        """
        counts, kind = self.overlaps(size), MEANINGS[self._kind(size)]
        if kind == "unreached":
            return f"{kind}: {counts.count(0)} of {len(counts)}"
        return f"even: {max(counts)}" if kind == "even" else f"{kind}: {min(counts)} to {max(counts)}"

    def _kind(self, size: int) -> int:
        """The place in MEANINGS of what this setting does to an input of that size."""
        reached, repeating = self.overlaps(size), self.repeating()
        if 0 in reached:
            return 3
        if min(reached) == max(reached):
            return 0
        if min(repeating) < max(repeating):
            return 2
        return int(max(reached) < max(repeating))


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
    given = (size, kernel_size, stride, padding, output_padding, dilation)
    size, *rest = (_at_least(name, number) for name, number in zip(LEAST, given, strict=True))
    kernel_size, stride, padding, output_padding, dilation = rest
    if output_padding >= max(stride, dilation):
        raise ValueError(
            "output_padding must be smaller than stride or dilation: "
            f"{output_padding} is smaller than neither stride {stride} nor dilation {dilation}"
        )
    out = _formula(size, Setting(*rest))
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
        ValueError: where PyTorch refuses the same arguments, in the words of PyTorch 2.14. (Only for an input
            without pixels the words are ours: PyTorch's name the batch and the channels, not known here.)

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

    They are ordered by a count of what really reaches each output cell, in the order of MEANINGS: first those
    that reach every cell, and away from the borders equally often; last those that leave cells unreached.
    Among equals the plainer comes before the more contrived.
    ``Setting.meaning`` says which is which, and ``Setting.layer`` builds the layer.

    What PyTorch does not take is not among them, whatever the bounds; a size below 1 is reached by nothing.

    Raises:
        TypeError: where a size or a bound is not an integer.
    """
    sizes = _integer("input_size", input_size), _integer("output_size", output_size)
    bounds = (kernel_sizes, strides, paddings, output_paddings, dilations)
    named = zip(Setting._fields, bounds, strict=True)
    if min(sizes) < 1:
        return []
    choices = product(*(_choices(name, numbers) for name, numbers in named))
    found = [
        setting
        for setting in map(Setting._make, choices)
        if setting.output_padding < max(setting.stride, setting.dilation)
        and _formula(sizes[0], setting) == sizes[1]
    ]
    return sorted(
        found,
        key=lambda one: (one._kind(sizes[0]), one.dilation, one.output_padding, one.kernel_size, one),
    )


def conv_inputs(size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> range:
    """Every input size that ``nn.Conv2d`` of this setting maps to ``size``, along one axis, in pixels.

    There are up to ``stride`` of them, because a convolution drops what its last step does not reach.
    ``nn.ConvTranspose2d`` goes back to the smallest, and ``output_padding`` is how to name another.
    There are none for a size below 1, which no convolution gives.

    Raises:
        TypeError: where an argument is not an integer.
        ValueError: where PyTorch refuses the setting.

    Source: PyTorch documentation, ``torch.nn.Conv2d``, section Shape, solved for the input.
    """
    size = _integer("size", size)
    given = zip(Setting._fields, (kernel_size, stride, padding, 0, dilation), strict=True)
    setting = Setting(*(_at_least(name, number) for name, number in given))
    if size < 1:
        return range(0)
    smallest = _formula(size, setting)
    return range(max(1, smallest), max(1, smallest + setting.stride))


def _choices(name: str, numbers: Iterable[int]) -> list[int]:
    """The numbers that PyTorch takes for that argument, each once."""
    if not isinstance(numbers, Iterable):
        raise TypeError(f"{name}s must be several integers, as in [{numbers!r}], and is {numbers!r}")
    return [number for number in dict.fromkeys(_integer(name, each) for each in numbers) if number >= LEAST[name]]


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
    return tuple(_integer(name, number) for number in both)


def _at_least(name: str, number: int) -> int:
    number = _integer(name, number)
    if number < LEAST[name]:
        raise ValueError(f"{name} must be at least {LEAST[name]}, and is {number}")
    return number


def _integer(name: str, number: int) -> int:
    """Python's own integer, in which nothing overflows."""
    if not isinstance(number, Integral) or isinstance(number, bool):
        raise TypeError(f"{name} must be an integer, and is {number!r}")
    return int(number)
