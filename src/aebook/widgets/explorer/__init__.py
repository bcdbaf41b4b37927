"""The ConvTranspose2d explorer: its traits, and what PyTorch computes with them.

The numbers of the input and the kernel are filled in by the view, because a page has no Python; this module fills
them in the same way, because a test or a script has no view.
"""

import warnings
from contextlib import contextmanager
from pathlib import Path

import torch
import traitlets
from torch import Tensor, nn

from aebook.widgets.widget import Widget

# MNIST's second test digit without its margin, two pixels by two: one of 16 greys a character.
DIGIT = (
    "...............4661.......9fde9......2e4.9a.......1.2e8.........ad1....."
    "...6e3........1e9.........9e2.........f811..144...efffcefeb3..2447641..."
)
Rows = list[list[float]]


class ConvTransposeExplorer(Widget):
    """An ``nn.ConvTranspose2d`` to play with: every setting is a trait, by PyTorch's argument name.

    A setting is an integer, or a pair (for H, for W). A setting that PyTorch refuses is kept, and ``refusal`` says
    why. Setting ``input`` or ``kernel`` sets its size too. ``layer`` is the whole layer; the grids and ``output``
    show one channel of it.

        explorer = ConvTransposeExplorer(input_size=7, kernel_size=3, stride=2, padding=1, output_padding=1)
        explorer.output.shape  # (14, 14)

    Raises:
        traitlets.TraitError: a value out of bounds, or a name that is no setting (an AttributeError as well).
    """

    folder = Path(__file__).parent

    pytorch = traitlets.Dict().tag(sync=True)  # what it computes, for the view to compare

    def __init__(self, **settings):
        self._touched, self._held = set(), 0
        super().__init__(**settings)
        self._settle({name for name in ("input", "kernel") if name in settings} | {"seed"})
        self.observe(self._changed, STATE)

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

    @contextmanager
    def hold_trait_notifications(self):
        """As in traitlets; and what follows from the changes is computed once, after all of them."""
        with self._together(), super().hold_trait_notifications():
            yield

    @contextmanager
    def _together(self):
        """Computes once, at the end of the outermost, whatever is changed within."""
        self._held += 1
        try:
            yield
            while self._held == 1 and self._touched:
                touched, self._touched = self._touched, set()
                self._settle(touched)
        finally:
            self._held -= 1

    def _changed(self, change):
        with self._together():
            self._touched.add(change.name)

    def _settle(self, touched):
        """Keeps the numbers and the sizes together, whichever of them was changed, and computes anew."""
        for name in ("input", "kernel"):
            if name in touched:
                self._measure(name)
            if touched & {name, f"{name}_size", f"{name}_kind", "seed"}:
                self._set(name, self._filled(name))
        self._compute()

    def _set(self, name, value):
        """Sets what follows from a change, which is no change of its own."""
        self.set_trait(name, value)
        self._touched.discard(name)

    def _measure(self, name):
        """The size and the kind of numbers that were given follow from them."""
        given = getattr(self, name)
        if given == self._filled(name):
            return
        self._set(f"{name}_kind", "typed")
        size = len(given), len(given[0])
        if size != _pair(getattr(self, f"{name}_size")):
            self._set(f"{name}_size", size[0] if size[0] == size[1] else size)

    def _filled(self, name):
        kind, size = getattr(self, f"{name}_kind"), _pair(getattr(self, f"{name}_size"))
        if name == "input":
            return filled(kind, *size, self.seed, (0, 9), self.input)
        return filled(kind, *size, self.seed + 1, (-3, 3), self.kernel)

    def _compute(self):
        state = self._state()
        output, refusal = self._run(torch.float64)  # as the view does; float32 overflows where that does not
        self.pytorch = {
            "of": state,
            "output": None if output is None else output.tolist(),
            "refusal": refusal,
            "version": torch.__version__.split("+")[0],
        }


STATE = ConvTransposeExplorer._names()
# The lowest and the highest value of each slider.
BOUNDS = {
    name: (setting["low"], setting["high"])
    for name, setting in ConvTransposeExplorer.spec.settings.items()
    if setting["kind"] == "pair"
}


@contextmanager
def _pytorchs_own_words():
    """Without oneDNN, which lets some empty results through and words its refusals differently."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # switching it off and on warns of something about other devices
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def filled(kind: str, height: int, width: int, seed: int, bounds: tuple[int, int], typed: Rows) -> Rows:
    """The numbers of an input or a kernel of that kind, as arithmetic.js fills them.

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
    """Whole numbers from ``low`` to ``high`` that look random, and are the same here and in arithmetic.js."""
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
    """The mean of a piece of the digit, from 0 (paper) to 9 (ink), rounded as arithmetic.js does."""
    total = sum(int(DIGIT[row * 12 + column].replace(".", "0"), 16) for row in rows for column in columns)
    count = len(rows) * len(columns) * 15
    return (18 * total + count) // (2 * count)


def _triangle(length, at):
    """One axis of the bilinear kernel."""
    factor = (length + 1) // 2
    return 1 - abs(at - (factor - 1 if length % 2 else factor - 0.5)) / factor
