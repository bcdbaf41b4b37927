"""The ConvTranspose2d explorer as a Jupyter widget; its view is explorer.js, which the book's pages use as it is.

Settings are traits, and so are the numbers of the input and the kernel. The view fills those in by itself, because
a page has no Python; this module fills them in the same way, because a test or a script has no view.
"""

import warnings
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path

import anywidget
import torch
import traitlets
from IPython.display import display
from torch import Tensor, nn

from aebook.mounting import BOUNDS, FALLBACK, mount_point

SOURCE = Path(__file__).with_name("explorer.js")

# MNIST's second test digit without its margin, two pixels by two: one of 16 greys a character.
DIGIT = (
    "...............4661.......9fde9......2e4.9a.......1.2e8.........ad1....."
    "...6e3........1e9.........9e2.........f811..144...efffcefeb3..2447641..."
)
LARGEST = torch.finfo(torch.float32).max  # of the numbers taken, either way from 0
WIDGET = "application/vnd.jupyter.widget-view+json"
Rows = list[list[float]]


class NoSuchSetting(traitlets.TraitError, AttributeError):
    """A name that is no setting; the message lists those there are."""

    def __init__(self, *names: str):
        super().__init__(f"no setting is called {', '.join(names)}; there are {', '.join(STATE)}")


class Whole(traitlets.TraitType):
    """An integer within bounds, one of NumPy's too."""

    accepted = "an integer from {} to {}"

    def __init__(self, low: int, high: int, default: int):
        self.low, self.high = low, high
        super().__init__(default)

    def validate(self, owner, value):
        """The value as Python's own integer."""
        if self._takes(value):
            return int(value)
        accepted = self.accepted.format(self.low, self.high)
        raise traitlets.TraitError(f"{self.name} must be {accepted}, and is {value!r}")

    def _takes(self, number):
        return isinstance(number, Integral) and not isinstance(number, bool) and self.low <= number <= self.high


class IntOrPair(Whole):
    """An integer for both axes, or a pair of integers (for H, for W), within bounds."""

    accepted = "an integer from {} to {}, or a pair of them"

    def validate(self, owner, value):
        """The value, a pair as a tuple."""
        is_pair = isinstance(value, tuple | list) and len(value) == 2 and all(map(self._takes, value))
        return tuple(map(int, value)) if is_pair else super().validate(owner, value)


class Number(traitlets.TraitType):
    """A number within the range of float32."""

    def validate(self, owner, value):
        """The value as a float."""
        if isinstance(value, Real) and not isinstance(value, bool) and abs(value) <= LARGEST:
            return float(value)
        raise traitlets.TraitError(f"{self.name} must be a number within float32's range, and is {value!r}")


class Numbers(traitlets.TraitType):
    """Rows of numbers within the range of float32, equally long; a tensor or an array (H, W) is taken too."""

    def __init__(self, highest_side: int):
        self.highest_side = highest_side
        super().__init__([[1.0]])

    def validate(self, owner, value):
        """The numbers as lists of floats."""
        try:
            grid = torch.as_tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            grid = torch.empty(0)
        fits = grid.ndim == 2 and grid.numel() and max(grid.shape) <= self.highest_side
        if fits and (grid.abs() <= LARGEST).all():  # which nan is not
            return grid.tolist()
        raise traitlets.TraitError(
            f"{self.name} must be rows of numbers, equally long, at most {self.highest_side} each way, "
            f"within float32's range, and is {value!r}"
        )


class ConvTransposeExplorer(anywidget.AnyWidget):
    """An ``nn.ConvTranspose2d`` to play with: every setting is a trait, by PyTorch's argument name.

    A setting is an integer, or a pair (for H, for W). A setting that PyTorch refuses is kept, and ``refusal`` says
    why. Setting ``input`` or ``kernel`` sets its size too. ``layer`` is the whole layer; the grids and ``output``
    show one channel of it.

        explorer = ConvTransposeExplorer(input_size=7, kernel_size=3, stride=2, padding=1, output_padding=1)
        explorer.output.shape  # (14, 14)

    Raises:
        traitlets.TraitError: a value out of bounds, or a name that is no setting (an AttributeError as well).
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
    bias_value = Number(1.0).tag(sync=True)
    in_channels = Whole(1, 1024, 1).tag(sync=True)
    out_channels = Whole(1, 1024, 1).tag(sync=True)
    groups = Whole(1, 1024, 1).tag(sync=True)
    input_kind = traitlets.Enum(["ones", "ramp", "random", "digit", "typed"], "ones").tag(sync=True)
    kernel_kind = traitlets.Enum(["ones", "ramp", "random", "bilinear", "typed"], "ones").tag(sync=True)
    seed = Whole(0, 999, 0).tag(sync=True)
    input = Numbers(BOUNDS["input_size"][1]).tag(sync=True)
    kernel = Numbers(BOUNDS["kernel_size"][1]).tag(sync=True)
    pytorch = traitlets.Dict().tag(sync=True)  # what it computes, for the view to compare

    def __init__(self, **settings):
        if unknown := sorted(set(settings) - set(STATE)):
            raise NoSuchSetting(*unknown)
        self._touched = []
        super().__init__(**settings)
        for name in ("input", "kernel"):
            self._follow(name, typed=name in settings)
        self._compute()
        self.observe(self._changed, list(STATE))

    def __setattr__(self, name, value):
        if not name.startswith("_") and not hasattr(type(self), name):
            raise NoSuchSetting(name)
        super().__setattr__(name, value)

    @property
    def layer(self) -> nn.ConvTranspose2d:
        """The whole layer, which the line of code builds; every kernel in it is the one shown, and so is the bias.

        An input whose first channel is the one shown, and whose others are 0, gives ``output``.

        Raises:
            ValueError: where ``groups`` does not divide the channels.
        """
        return self._layer(self.in_channels, self.out_channels, groups=self.groups)

    @property
    def output(self) -> Tensor | None:
        """What PyTorch computes of the input, the kernel and the bias shown, (H, W); None where it refuses."""
        return self._run()[0]

    @property
    def refusal(self) -> str | None:
        """What PyTorch says to these settings where it refuses them, or None."""
        return self._run()[1]

    def _layer(self, in_channels=1, out_channels=1, **others):
        arguments = {name: getattr(self, name) for name in BOUNDS if name != "input_size"}
        layer = nn.ConvTranspose2d(in_channels, out_channels, **arguments, bias=self.bias, **others)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(self.kernel, dtype=torch.float64))
            if self.bias:
                layer.bias.fill_(self.bias_value)
        return layer

    def _run(self, dtype=None):
        try:
            # The shown layer has one channel; whether PyTorch takes the channels chosen needs one of that many.
            nn.ConvTranspose2d(self.in_channels, self.out_channels, 1, groups=self.groups, device="meta")
            with torch.no_grad(), _pytorchs_own_words():
                shown = torch.tensor(self.input, dtype=dtype)[None, None]
                return self._layer(dtype=dtype)(shown)[0, 0], None
        except (ValueError, RuntimeError) as error:
            return None, str(error)

    def _changed(self, change):
        """Keeps the numbers and the sizes together, whichever of them was changed, and computes anew, once."""
        self._touched.append(change.name)
        if len(self._touched) > 1:
            return  # the loop below changed it, or somebody whom that told; it comes to it
        try:
            for changed in self._touched:
                for name in ("input", "kernel"):
                    if changed in (name, f"{name}_size", f"{name}_kind", "seed"):
                        self._follow(name, typed=changed == name)
        finally:
            self._touched.clear()
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
        state = {name: getattr(self, name) for name in STATE}
        if state == self.pytorch.get("of"):
            return
        output, refusal = self._run(torch.float64)  # as the view does; float32 overflows where that does not
        self.pytorch = {
            "of": state,
            "output": None if output is None else output.tolist(),
            "refusal": refusal,
            "version": torch.__version__.split("+")[0],
        }

    def _repr_mimebundle_(self, **kwargs):
        """The widget for Jupyter, and for everything else the place where a page mounts it."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        place = mount_point({name: getattr(self, name) for name in STATE}, self.language)
        return {**data, "text/html": place, "text/plain": "ConvTransposeExplorer()"}, metadata

    def _ipython_display_(self):
        """Two outputs: the place with its words, which the view hides while there is one, and the widget.

        Where a saved notebook is opened again, JupyterLab shows an error in place of a widget that is gone,
        whatever else the same output holds; the words above it say what to do.
        """
        data, metadata = self._repr_mimebundle_()
        widget = {WIDGET: data.pop(WIDGET)}
        display(data, raw=True)
        display(widget, metadata=metadata, raw=True)


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
