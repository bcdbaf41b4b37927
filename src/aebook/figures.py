"""The pictures of the book: tensors in, a closed Figure out, every picture on the same scale: ink on paper.

Pictures are (N, 1, H, W), where 0 is paper and 1 is ink, or (N, 3, H, W), red, green and blue, where 1 is light:
tensors or NumPy arrays of any type but complex. Floats and truth values are taken as they are, and drawn as 0 or 1
where they lie beyond; of whole numbers, 255 is 1.
"""

import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath
from matplotlib.ticker import LogLocator
from torch import Tensor

from aebook.contract import whole
from aebook.figure_words import WORDS
from aebook.looks import COLOURS, CURVES, STYLE, WIDTH, of_words
from aebook.sheet import Sheet


def digits(images: Tensor, columns: int = 10) -> Figure:
    """A grid of images (N, 1, H, W) or (N, 3, H, W), in rows of ``columns``.

    Raises:
        TypeError, ValueError: where they are no pictures, as this module has them.
    """
    images, columns = _pictures(images), whole("columns", columns)
    with plt.rc_context(STYLE):
        sheet = Sheet(images, columns, [0] * -(-len(images) // columns))
        sheet.show(images)
    return _closed(sheet.figure)


def pairs(images: Tensor, reconstructions: Tensor, columns: int = 10, language: str = "en") -> Figure:
    """Each image (N, 1, H, W) or (N, 3, H, W) above its reconstruction, with the pair's mean squared error below.

    The error is per pixel, and per channel where there are three.

    Raises:
        TypeError, ValueError: where they are no pictures, or not of one shape.
    """
    words, columns = _words(language), whole("columns", columns)
    images, reconstructions = _pictures(images), _pictures(reconstructions, "reconstructions")
    _require_one_shape(images, reconstructions)
    errors = (images - reconstructions).square().flatten(1).mean(1)
    with plt.rc_context(STYLE):
        further = -(-len(images) // columns) - 1  # pairs of rows; each stands below the errors of another
        sheet = Sheet(images, columns, [1, 1.5, *[2, 1.5] * further], below=2)
        for first in range(0, len(images), columns):
            row, some = 2 * (first // columns), slice(first, first + columns)
            sheet.show(images[some], row, words["input"])
            sheet.show(reconstructions[some], row + 1, words["reconstruction"])
            for column, error in enumerate(errors[some]):
                sheet.write_below(row + 1, column, f"{error:.3f}")
        sheet.write_last(words["mean squared error"])
    return _closed(sheet.figure)


def by_model(images: Tensor, reconstructions: dict[str, Tensor], language: str = "en") -> Figure:
    """The images, (N, 1, H, W) or (N, 3, H, W), in a row, and below them a row for every model's reconstructions.

    Above each row stand the model's name, as it is given, and its mean squared error per pixel over the images.

    Raises:
        TypeError, ValueError: where they are no pictures, or a model's are of another shape than the images.
    """
    words, images = _words(language), _pictures(images)
    rows = {words["input"]: images}
    for name, pictures in reconstructions.items():
        pictures = _pictures(pictures, f"reconstructions ({name})")
        _require_one_shape(images, pictures, f" ({name})")
        error = (images - pictures).square().mean()
        rows[f"{name}: {words['error']} {error:.4f}"] = pictures
    with plt.rc_context(STYLE):
        sheet = Sheet(images, len(images), [1] * len(rows))
        for row, (title, pictures) in enumerate(rows.items()):
            sheet.show(pictures, row, title)
    return _closed(sheet.figure)


def weights(tensor: Tensor, columns: int = 10) -> Figure:
    """Weights as pictures on one scale: 0 is paper, what is above it blue, what is below it orange.

    Args:
        tensor: (N, 784), of which each row is a picture of 28×28, or (…, H, W), a picture for each of the indices
            before: 48 of the weights (16, 3, 3, 3) of a convolution. Of any type but complex.
        columns: pictures in a row.

    The largest of all the pictures, by absolute value, has the whole colour.

    Raises:
        TypeError, ValueError: where they are something else, or not finite.
    """
    numbers = torch.from_numpy(_array(tensor, "weights"))
    accepted = "weights must have the shape (N, 784) or (…, H, W)"
    if numbers.numel() == 0 or numbers.dim() < 2 or (numbers.dim() == 2 and numbers.shape[1] != 784):
        advice = "; try weights.T" if numbers.dim() == 2 and numbers.shape[0] == 784 else ""
        raise ValueError(f"{accepted}, and have {tuple(numbers.shape)}{advice}")
    if not numbers.isfinite().all():
        raise ValueError(f"weights must be finite, and {_not_finite(numbers)}")
    pictures = numbers.view(-1, 28, 28) if numbers.dim() == 2 else numbers.flatten(0, -3)
    largest = numbers.abs().max().item() or 1  # of zeros alone, any scale will do
    columns = whole("columns", columns)
    with plt.rc_context(STYLE):
        sheet = Sheet(pictures, columns, [0] * -(-len(pictures) // columns))
        sheet.show(pictures[:, None], largest=largest)
    return _closed(sheet.figure)


def number_grids(grids: dict[str, Tensor]) -> Figure:
    """Tables of numbers (H, W) side by side, each under its title: the larger a number, the darker its cell.

    The numbers are of any type but complex; those that are not finite are written as what they are.
    """
    tables = {title: _array(grid, f"the grid {title!r}") for title, grid in grids.items()}
    for title, table in tables.items():
        if table.ndim != 2 or not table.size:
            raise ValueError(f"the grid {title!r} must have the shape (H, W), and has {table.shape}")
    if not tables:
        raise ValueError("number_grids must have at least one grid, and has none")
    gaps = len(tables) - 1
    cell = min(0.38, WIDTH / (sum(table.shape[1] for table in tables.values()) + gaps))  # inches
    # Whole cells for a title: how wide a text is differs a little between versions of Matplotlib.
    widths = [max(table.shape[1], math.ceil(_inches(title) / cell)) for title, table in tables.items()]
    width, height = sum(widths) + gaps, max(table.shape[0] for table in tables.values())
    with plt.rc_context(STYLE | {"axes.grid": False}):
        shares = {"width_ratios": widths}
        size = (max(cell * width, 0.6 * WIDTH), cell * height + 0.35)
        figure, axes = plt.subplots(1, len(tables), figsize=size, squeeze=False, gridspec_kw=shares)
        for axis, (title, table) in zip(axes.flat, tables.items(), strict=True):
            _numbers(axis, table, fontsize=min(STYLE["font.size"], 26 * cell))
            axis.set_title(title)
    return _closed(figure)


def loss_curves(history, best_linear: float | None = None, language: str = "en") -> Figure:
    """Mean squared error after each epoch of a run.

    Args:
        history: what ``fit`` returned, or anything with lists ``train_loss`` and ``test_loss``; the latter may be
            empty.
        best_linear: where to draw a line at the best that a linear autoencoder can do; none without it.
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: where there is neither one test loss for every epoch nor none.
    """
    words = _words(language)
    train, test = _array(history.train_loss, "train_loss"), _array(history.test_loss or [], "test_loss")
    if test.size and test.shape != train.shape:
        lengths = f"{train.size} of train_loss and {test.size} of test_loss"
        raise ValueError(f"history must have one loss for every epoch in each list, and has {lengths}")
    epochs = range(1, train.size + 1)
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 2.8))
        lines = {words["training set"]: axis.plot(epochs, train, "s:", color=COLOURS["muted"])[0]}
        if test.size:
            lines[words["test set"]] = axis.plot(epochs, test, "o-", color=COLOURS["net"])[0]
        if best_linear is not None:
            axis.axhline(float(best_linear), color=COLOURS["code"], linestyle="--")
            # Below the line is where no curve of a linear model goes.
            _beside(
                axis, words["best linear"], (0, float(best_linear)), "code", (4, -4), ("axes fraction", "data")
            )
        axis.set(xlabel=words["epoch"], ylabel=words["mean squared error"], ylim=(0, None))
        axis.xaxis.get_major_locator().set_params(integer=True)
        _name_ends(axis, lines)
    return _closed(figure)


def errors_by_code_size(sizes: list[int], trained: list[float], best: Tensor, language: str = "en") -> Figure:
    """Test error of trained linear autoencoders against the size of their code, beside the best there is.

    Args:
        sizes: the code sizes that were trained.
        trained: the test error of each.
        best: (K,), the least error that a linear autoencoder of 1, 2, … K numbers can have.
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: where there is not one error for every size.
    """
    words = _words(language)
    sizes, trained, best = _array(sizes, "sizes"), _array(trained, "trained"), _array(best, "best")
    if sizes.shape != trained.shape or best.ndim != 1:
        shapes = f"sizes {sizes.shape}, trained {trained.shape} and best {best.shape}"
        raise ValueError(f"there must be one trained error for every size, and a list of best; these are {shapes}")
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 2.8))
        axis.plot(range(1, len(best) + 1), best, "--", color=COLOURS["code"])
        axis.plot(sizes, trained, "o", color=COLOURS["net"])
        axis.set(xlabel=words["code size"], ylabel=words["mean squared error"], ylim=(0, None))
        axis.xaxis.get_major_locator().set_params(integer=True)
        # The curve falls ever more slowly, which leaves room above it and to its right.
        early, late = len(sizes) // 2, len(best) // 3
        _beside(axis, words["trained"], (sizes[early], trained[early]), "net", (8, 8))
        _beside(axis, words["best linear"], (late + 1, best[late]), "code", (4, 12))
    return _closed(figure)


def code_size_curves(sizes: list[int], errors: dict[str, Tensor], language: str = "en") -> Figure:
    """Test error against the size of the code, a line through the means for each model, a point for each seed.

    Both axes are logarithmic, so that the same share less is the same way down everywhere.

    Args:
        sizes: the code sizes, by growing size.
        errors: by model's name, its errors (sizes, seeds).
        language: of the labels, ``"en"`` or ``"ko"``.

    Raises:
        ValueError: where a model has not a row of errors for every size.
    """
    words, sizes = _words(language), _array(sizes, "sizes")
    curves = {name: _array(rows, f"errors ({name})") for name, rows in errors.items()}
    for name, rows in curves.items():
        if rows.ndim != 2 or len(rows) != len(sizes):
            raise ValueError(f"{name} must have a row of errors for each size, and has {rows.shape}")
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 3.2))
        for (name, rows), (hue, line, mark) in zip(curves.items(), CURVES, strict=False):
            axis.plot(sizes, rows.mean(axis=1), line, color=hue)
            axis.plot(sizes, rows, mark, color=hue, markersize=3)
            end = sizes[-1], rows[-1].mean()
            axis.annotate(name, end, (6, 0), "data", "offset points", va="center", color=of_words(hue))
        axis.set(xscale="log", yscale="log", xlabel=words["code size"], ylabel=words["mean squared error"])
        axis.set_xticks(sizes, [f"{size:g}" for size in sizes])
        axis.minorticks_off()
        axis.yaxis.set(major_locator=LogLocator(subs=(1, 2, 5)), major_formatter="{x:g}")
    return _closed(figure)


def _words(language: str) -> dict[str, str]:
    if language not in WORDS:
        raise ValueError(f"language must be one of {', '.join(WORDS)}, and is {language!r}")
    return WORDS[language]


def _pictures(images: Tensor, what: str = "images") -> Tensor:
    """The images as floats (N, 1, H, W) or (N, 3, H, W) on the CPU, if they are pictures of any kind."""
    if not isinstance(images, Tensor | np.ndarray):
        raise TypeError(f"{what} must be a tensor or a NumPy array, and are a {type(images).__name__}")
    numbers = torch.from_numpy(_array(images, what))
    shape = tuple(numbers.shape)
    if len(shape) != 4 or shape[1] not in (1, 3) or 0 in shape:
        accepted = f"{what} must have the shape (N, 1, H, W), grey, or (N, 3, H, W), in colour"
        raise ValueError(f"{accepted}, and have {shape}{_advice(shape, what)}")
    if not numbers.isfinite().all():
        raise ValueError(f"{what} must be finite, and {_not_finite(numbers)}")
    if not _whole_numbers(images):
        return numbers.float()
    if numbers.min() < 0 or numbers.max() > 255:
        ends = f"{numbers.min():g} to {numbers.max():g}"
        raise ValueError(f"{what} of whole numbers must be from 0 to 255, and go from {ends}")
    return (numbers / 255).float()


def _array(values, what: str) -> np.ndarray:
    """A tensor, a NumPy array or a list of numbers, of any type but complex, as an array of float64."""
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        values = values if values.is_complex() else values.double()
    elif isinstance(values, list | tuple | range):
        values = [value.detach().cpu() if isinstance(value, Tensor) else value for value in values]
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        kind = type(values).__name__ if array.dtype.kind in "OSU" else array.dtype
        raise TypeError(f"{what} must be numbers, in a tensor or a NumPy array, and are {kind}")
    return np.array(array, dtype=np.float64)


def _whole_numbers(images: Tensor | np.ndarray) -> bool:
    if isinstance(images, Tensor):
        return not images.is_floating_point() and images.dtype != torch.bool
    return images.dtype.kind in "iu"


def _advice(shape: tuple[int, ...], what: str) -> str:
    """What makes pictures of numbers of a shape that is often met; nothing for another."""
    if len(shape) == 3:
        return f"; try {what}.unsqueeze({0 if shape[0] in (1, 3) else 1})"
    if len(shape) == 4 and shape[3] in (1, 3):
        return f"; PyTorch has the channel before the pixels: try {what}.permute(0, 3, 1, 2)"
    if len(shape) == 2:
        return f"; try {what}.reshape(-1, 1, 28, 28)" if shape[1] == 784 else f"; try {what}[None, None]"
    return ""


def _not_finite(numbers: Tensor) -> str:
    return f"{int((~numbers.isfinite()).sum())} of {numbers.numel()} are nan or infinite"


def _require_one_shape(images: Tensor, reconstructions: Tensor, whose: str = "") -> None:
    if images.shape != reconstructions.shape:
        shapes = f"{tuple(images.shape)} and {tuple(reconstructions.shape)}"
        raise ValueError(f"images and reconstructions must have one shape, and have {shapes}{whose}")


def _beside(axis: Axes, text: str, place, colour: str, away: tuple[int, int], coordinates="data") -> None:
    """Words so many points away from a place: right of it, and above or below."""
    side = "bottom" if away[1] > 0 else "top"
    halo = withStroke(linewidth=3, foreground=COLOURS["paper"])  # which keeps the grid's lines off the letters
    style = {"va": side, "color": COLOURS[colour], "path_effects": [halo]}
    axis.annotate(text, place, away, xycoords=coordinates, textcoords="offset points", **style)


def _name_ends(axis: Axes, lines: dict) -> None:
    """The name of each line right of where it ends, in its colour, a line of words from the next."""
    ends = sorted(lines.items(), key=lambda named: named[1].get_ydata()[-1])
    room, height = 0.09 * axis.get_ylim()[1], -np.inf
    for name, line in ends:
        value = line.get_ydata()[-1]
        height = max(height + room, value) if np.isfinite(value) else height + room
        words = axis.annotate(name, (1, height), (4, 0), ("axes fraction", "data"), "offset points")
        words.set(va="center", color=of_words(line.get_color()))


def _inches(title: str) -> float:
    """How wide the title above a picture is."""
    face = font_manager.FontProperties(family=STYLE["font.family"], size=STYLE["axes.titlesize"])
    return TextPath((0, 0), title, prop=face).get_extents().width / 72


def _numbers(axis: Axes, numbers: np.ndarray, fontsize: float) -> None:
    sizes = np.abs(numbers)
    largest = sizes[np.isfinite(sizes)].max(initial=0) or 1
    # At most a third of the way to black, so that the numbers stay legible.
    shades = np.nan_to_num(sizes / largest, nan=0, posinf=1).clip(max=1) / 3
    axis.pcolormesh(shades, cmap="gray_r", vmin=0, vmax=1, edgecolors=COLOURS["hairline"], linewidth=0.5)
    axis.set(xticks=[], yticks=[], frame_on=False, aspect="equal")
    axis.invert_yaxis()
    for (row, column), number in np.ndenumerate(numbers):
        axis.text(column + 0.5, row + 0.5, f"{number:g}", ha="center", va="center", fontsize=fontsize)


def _closed(figure: Figure) -> Figure:
    # An open figure would be shown twice by a notebook: once as the cell's value, once by pyplot.
    plt.close(figure)
    return figure
