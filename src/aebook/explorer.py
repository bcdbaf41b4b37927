"""The ConvTranspose2d explorer as a Jupyter widget; its view is explorer.js, which the book's pages use as it is.

Settings are traits, and so are the numbers of the input and the kernel. The view fills those in by itself, because
a page has no Python; this module fills them in the same way, because a test or a script has no view.
"""

import warnings
from contextlib import contextmanager
from pathlib import Path

import anywidget
import torch
import traitlets
from torch import Tensor, nn

from aebook.mounting import BOUNDS, FALLBACK, mount_point

SOURCE = Path(__file__).with_name("explorer.js")

# MNIST's second test digit without its margin, two pixels by two: one of 16 greys a character.
DIGIT = (
    "...............4661.......9fde9......2e4.9a.......1.2e8.........ad1....."
    "...6e3........1e9.........9e2.........f811..144...efffcefeb3..2447641..."
)
Rows = list[list[float]]


class IntOrPair(traitlets.TraitType):
    """An integer for both axes, or a pair of integers (for H, for W), within bounds."""

    def __init__(self, low: int, high: int, default: int):
        self.low, self.high = low, high
        super().__init__(default)

    def validate(self, owner, value):
        """The value, a pair as a tuple."""
        both = tuple(value) if isinstance(value, tuple | list) else (value, value)
        if len(both) == 2 and all(self._takes(number) for number in both):
            return both if isinstance(value, tuple | list) else value
        raise traitlets.TraitError(
            f"{self.name} must be an integer from {self.low} to {self.high}, or a pair of them, and is {value!r}"
        )

    def _takes(self, number):
        return isinstance(number, int) and not isinstance(number, bool) and self.low <= number <= self.high


class Numbers(traitlets.TraitType):
    """Rows of numbers, equally long; a tensor (H, W) is taken too."""

    def __init__(self, highest_side: int):
        self.highest_side = highest_side
        super().__init__([[1.0]])

    def validate(self, owner, value):
        """The numbers as lists of floats."""
        try:
            grid = torch.as_tensor(value, dtype=torch.float64)
        except (TypeError, ValueError):
            grid = torch.empty(0)
        fits = grid.ndim == 2 and grid.numel() and max(grid.shape) <= self.highest_side
        if fits and grid.isfinite().all():
            return grid.tolist()
        raise traitlets.TraitError(
            f"{self.name} must be rows of numbers, equally long, at most {self.highest_side} each way, "
            f"and is {value!r}"
        )


class ConvTransposeExplorer(anywidget.AnyWidget):
    """An ``nn.ConvTranspose2d`` of one channel to play with: every setting is a trait, by PyTorch's argument name.

    A setting is an integer, or a pair (for H, for W). A setting that PyTorch refuses is kept, and ``refusal`` says
    why. Setting ``input`` or ``kernel`` sets its size too.

        explorer = ConvTransposeExplorer(input_size=7, kernel_size=3, stride=2, padding=1, output_padding=1)
        explorer.output.shape  # (14, 14)

    Raises:
        traitlets.TraitError: a value out of bounds, or a name that is no setting.
    """

    _esm = SOURCE

    language = traitlets.Enum(list(FALLBACK), "en").tag(sync=True)
    input_size = IntOrPair(*BOUNDS["input_size"], 3).tag(sync=True)
    kernel_size = IntOrPair(*BOUNDS["kernel_size"], 3).tag(sync=True)
    stride = IntOrPair(*BOUNDS["stride"], 1).tag(sync=True)
    padding = IntOrPair(*BOUNDS["padding"], 0).tag(sync=True)
    output_padding = IntOrPair(*BOUNDS["output_padding"], 0).tag(sync=True)
    dilation = IntOrPair(*BOUNDS["dilation"], 1).tag(sync=True)
    bias = traitlets.Bool(False).tag(sync=True)
    bias_value = traitlets.Float(1.0).tag(sync=True)
    in_channels = traitlets.Int(1, min=1, max=1024).tag(sync=True)
    out_channels = traitlets.Int(1, min=1, max=1024).tag(sync=True)
    groups = traitlets.Int(1, min=1, max=1024).tag(sync=True)
    input_kind = traitlets.Enum(["ones", "ramp", "random", "digit", "typed"], "ones").tag(sync=True)
    kernel_kind = traitlets.Enum(["ones", "ramp", "random", "bilinear", "typed"], "ones").tag(sync=True)
    seed = traitlets.Int(0, min=0, max=999).tag(sync=True)
    input = Numbers(BOUNDS["input_size"][1]).tag(sync=True)
    kernel = Numbers(BOUNDS["kernel_size"][1]).tag(sync=True)
    pytorch = traitlets.Dict().tag(sync=True)  # what PyTorch computes, for the view to compare with its picture

    def __init__(self, **settings):
        if unknown := sorted(set(settings) - set(STATE)):
            raise traitlets.TraitError(f"no setting is called {', '.join(unknown)}; there are {', '.join(STATE)}")
        super().__init__(**settings)
        for name in ("input", "kernel"):
            self._follow(name, typed=name in settings)
        self._compute()
        self.observe(self._changed, list(STATE))

    @property
    def layer(self) -> nn.ConvTranspose2d:
        """The layer that the grids show: one channel, with the weights and the bias shown."""
        arguments = {name: getattr(self, name) for name in BOUNDS if name != "input_size"}
        layer = nn.ConvTranspose2d(1, 1, **arguments, bias=self.bias)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(self.kernel))
            if self.bias:
                layer.bias.fill_(self.bias_value)
        return layer

    @property
    def output(self) -> Tensor | None:
        """What PyTorch computes with ``layer`` for the shown input, (H, W); None where it refuses."""
        return self._run()[0]

    @property
    def refusal(self) -> str | None:
        """What PyTorch says to these settings where it refuses them, or None."""
        return self._run()[1]

    def _run(self):
        try:
            # The shown layer has one channel; whether PyTorch takes the channels chosen needs one of that many.
            nn.ConvTranspose2d(self.in_channels, self.out_channels, 1, groups=self.groups, device="meta")
            with torch.no_grad(), _pytorchs_own_words():
                return self.layer(torch.tensor(self.input)[None, None])[0, 0], None
        except (ValueError, RuntimeError) as error:
            return None, str(error)

    def _changed(self, change):
        """Keeps the numbers and the sizes together, whichever of them was changed, and computes anew."""
        if change.name in ("input", "kernel"):
            self._follow(change.name, typed=True)
        for name in ("input", "kernel"):
            if change.name in (f"{name}_size", f"{name}_kind", "seed"):
                self._follow(name)
        self._compute()

    def _follow(self, name, typed=False):
        """Fill the input or the kernel, unless numbers were given: then its size and kind follow them."""
        given = getattr(self, name)
        if typed and given != self._filled(name):
            self.set_trait(f"{name}_kind", "typed")
            size = len(given), len(given[0])
            if size != _pair(getattr(self, f"{name}_size")):
                self.set_trait(f"{name}_size", size[0] if size[0] == size[1] else size)
        self.set_trait(name, self._filled(name))

    def _filled(self, name):
        kind, size = getattr(self, f"{name}_kind"), _pair(getattr(self, f"{name}_size"))
        if name == "input":
            return filled(kind, *size, self.seed, (0, 9), self.input)
        return filled(kind, *size, self.seed + 1, (-3, 3), self.kernel)

    def _compute(self):
        output, refusal = self._run()
        rows = None if output is None else output.tolist()
        state = {name: getattr(self, name) for name in STATE}
        self.pytorch = {
            "of": state,
            "output": rows,
            "refusal": refusal,
            "version": torch.__version__.split("+")[0],
        }

    def _repr_mimebundle_(self, **kwargs):
        """The widget for Jupyter, and for everything else the place where a page mounts it."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        place = mount_point({name: getattr(self, name) for name in STATE}, self.language)
        return {**data, "text/html": place, "text/plain": "ConvTransposeExplorer()"}, metadata


STATE = [name for name in ConvTransposeExplorer.class_own_traits() if name not in ("pytorch", "_esm")]


@contextmanager
def _pytorchs_own_words():
    """Without oneDNN, which lets some empty results through and words its refusals differently."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # switching it off and on warns of something about other devices
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def filled(kind: str, height: int, width: int, seed: int, bounds: tuple[int, int], typed: Rows) -> Rows:
    """The numbers of an input or a kernel of that kind, as explorer.js fills them.

    Args:
        kind: ones, ramp, random, digit, bilinear or typed.
        height: rows to fill.
        width: columns to fill.
        seed: of the random numbers.
        bounds: the lowest and the highest random number.
        typed: numbers to keep where the kind is typed; they are cut, or filled up with zeros.
    """
    kinds = {
        "ones": lambda row, column: 1,
        "ramp": lambda row, column: row * width + column + 1,
        "random": lambda row, column: numbers[row * width + column],
        "digit": lambda row, column: _grey(_part(height, row), _part(width, column)),
        "bilinear": lambda row, column: _triangle(height, row) * _triangle(width, column),
        "typed": lambda row, column: typed[row][column] if row < len(typed) and column < len(typed[0]) else 0,
    }
    numbers = random_numbers(seed, height * width, *bounds) if kind == "random" else []
    return [[float(kinds[kind](row, column)) for column in range(width)] for row in range(height)]


def random_numbers(seed: int, count: int, low: int, high: int) -> list[int]:
    """Whole numbers from ``low`` to ``high`` that look random, and are the same here and in explorer.js."""
    state, numbers = (seed * 2654435769 + 1) % 2**32, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        numbers.append(low + (state >> 16) % (high - low + 1))
    return numbers


def _pair(value):
    return value if isinstance(value, tuple) else (value, value)


def _part(length, at):
    """The pixels of the digit, along one axis, that cell ``at`` of ``length`` stands for."""
    low = at * 12 // length
    return range(low, max(low + 1, (at + 1) * 12 // length))


def _grey(rows, columns):
    """The mean of a piece of the digit, from 0 (paper) to 9 (ink), rounded as explorer.js does."""
    total = sum(int(DIGIT[row * 12 + column].replace(".", "0"), 16) for row in rows for column in columns)
    count = len(rows) * len(columns) * 15
    return (18 * total + count) // (2 * count)


def _triangle(length, at):
    """One axis of the bilinear kernel."""
    factor = (length + 1) // 2
    return 1 - abs(at - (factor - 1 if length % 2 else factor - 0.5)) / factor
