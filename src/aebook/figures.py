"""The pictures of the book: tensors in, a closed Figure out, every picture on the same grey scale."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

WORDS = {
    "en": {
        "input": "input",
        "reconstruction": "reconstruction",
        "error": "error",
        "epoch": "epoch",
        "mean squared error": "mean squared error",
        "training set": "training set",
        "test set": "test set",
        "trained": "trained models",
        "best linear": "best linear code (PCA)",
        "code size": "numbers in the code",
    },
    "ko": {
        "input": "입력",
        "reconstruction": "복원",
        "error": "오차",
        "epoch": "에폭",
        "mean squared error": "평균제곱오차",
        "training set": "학습 세트",
        "test set": "테스트 세트",
        "trained": "학습한 모델",
        "best linear": "가장 좋은 선형 코드(PCA)",
        "code size": "코드에 담는 숫자의 개수",
    },
}

# matplotlib's own font has no Hangul; where ours lacks a sign, matplotlib's fills in.
font_manager.fontManager.addfont(Path(__file__).parent / "fonts" / "aebookGothic-Regular.ttf")
STYLE = {
    "font.family": ["aebook Gothic", "DejaVu Sans"],
    "font.size": 9,
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "figure.dpi": 192,
    "figure.constrained_layout.use": True,
}
WIDTH = 4.8  # inches: about the width of a page's column, and not too small a print on a phone
BLUE, ORANGE, GREY = "#0b66b3", "#c2500a", "#6b6b6b"


def digits(images: Tensor, columns: int = 10) -> Figure:
    """A grid of images (N, 1, 28, 28), in rows of ``columns``: uint8, or floats where 0 is paper and 1 is ink."""
    rows = -(-len(images) // columns)
    with plt.rc_context(STYLE):
        figure, axes = _grid(rows, columns)
        for axis, image in zip(axes.flat, _floats(images), strict=False):
            _picture(axis, image)
    return _closed(figure)


def pairs(images: Tensor, reconstructions: Tensor, columns: int = 5, language: str = "en") -> Figure:
    """Each image (N, 1, 28, 28) above its reconstruction, with the pair's mean squared error per pixel below.

    Takes uint8, or floats where 0 is paper and 1 is ink; what lies outside of that is drawn as paper or ink.
    """
    if images.shape != reconstructions.shape:
        shapes = f"{tuple(images.shape)} and {tuple(reconstructions.shape)}"
        raise ValueError(f"images and reconstructions must have one shape, and have {shapes}")
    words, images, reconstructions = _words(language), _floats(images), _floats(reconstructions)
    errors = (images - reconstructions).square().flatten(1).mean(1)
    with plt.rc_context(STYLE):
        figure, axes = _grid(2 * -(-len(images) // columns), columns, room=0.2)
        inputs, outputs = axes[0::2], axes[1::2]
        for axis, image in zip(inputs.flat, images, strict=False):
            _picture(axis, image)
        for axis, image, error in zip(outputs.flat, reconstructions, errors, strict=False):
            _picture(axis, image)
            axis.set_xlabel(f"{error:.3f}")
        for above, below in zip(inputs[:, 0], outputs[:, 0], strict=True):
            above.set_ylabel(words["input"])
            below.set_ylabel(words["reconstruction"])
        figure.supxlabel(words["mean squared error"], fontsize=9)
    return _closed(figure)


def by_model(images: Tensor, reconstructions: dict[str, Tensor], language: str = "en") -> Figure:
    """The images (N, 1, 28, 28) in a row, and below them a row for every model: its reconstructions of them.

    Above each row stand the model's name, as it is given, and its mean squared error per pixel over the images.
    Takes uint8, or floats where 0 is paper and 1 is ink; what lies outside of that is drawn as paper or ink.
    """
    words, images = _words(language), _floats(images)
    rows = {words["input"]: images}
    for name, pictures in reconstructions.items():
        if pictures.shape != images.shape:
            shapes = f"{tuple(images.shape)} and {tuple(pictures.shape)}"
            raise ValueError(f"images and reconstructions must have one shape, and have {shapes} ({name})")
        error = (images - _floats(pictures)).square().mean()
        rows[f"{name}: {words['error']} {error:.4f}"] = _floats(pictures)
    with plt.rc_context(STYLE):
        figure, axes = _grid(len(rows), len(images), room=0.2)
        for places, (title, pictures) in zip(axes, rows.items(), strict=True):
            for axis, image in zip(places, pictures, strict=True):
                _picture(axis, image)
            # Wider than the picture it begins above; the layout needs to know of its height only.
            places[0].set_title(" ", fontsize=9)
            places[0].annotate(title, (0, 1), (0, 3), xycoords="axes fraction", textcoords="offset points").set(
                in_layout=False
            )
    return _closed(figure)


def weights(tensor: Tensor, columns: int = 10) -> Figure:
    """Weights (N, 784) or (N, H, W) as N pictures on one scale: grey is 0, black the largest, white its negative.

    "Largest" is by absolute value, over all the pictures.
    """
    tensor = tensor.detach().cpu().float()
    pictures = tensor.view(-1, 1, 28, 28) if tensor.dim() == 2 else tensor.unsqueeze(1)
    return digits(0.5 + pictures / (2 * tensor.abs().max()), columns)


def number_grids(grids: dict[str, Tensor]) -> Figure:
    """Tables of numbers (H, W) side by side, each under its title: the larger a number, the darker its cell."""
    width = sum(grid.shape[1] for grid in grids.values()) + len(grids) - 1
    height = max(grid.shape[0] for grid in grids.values())
    cell = min(0.34, WIDTH / width)  # inches
    with plt.rc_context(STYLE | {"axes.grid": False}):
        shares = {"width_ratios": [grid.shape[1] for grid in grids.values()]}
        size = (max(cell * width, 0.6 * WIDTH), cell * height + 0.35)
        figure, axes = plt.subplots(1, len(grids), figsize=size, squeeze=False, gridspec_kw=shares)
        for axis, (title, grid) in zip(axes.flat, grids.items(), strict=True):
            _numbers(axis, grid, fontsize=min(8, 26 * cell))
            axis.set_title(title, fontsize=9)
    return _closed(figure)


def loss_curves(history, best_linear: float | None = None, language: str = "en") -> Figure:
    """Mean squared error after each epoch of a run.

    Args:
        history: what ``fit`` returned, or anything with lists ``train_loss`` and ``test_loss``; the latter may be
            empty.
        best_linear: where to draw a line at the best that a linear code can do; none without it.
        language: of the labels, ``"en"`` or ``"ko"``.
    """
    words = _words(language)
    epochs = range(1, len(history.train_loss) + 1)
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 2.8))
        axis.plot(epochs, history.train_loss, "o-", color=GREY, label=words["training set"], markersize=4)
        if history.test_loss:
            axis.plot(epochs, history.test_loss, "o-", color=BLUE, label=words["test set"], markersize=4)
        if best_linear is not None:
            axis.axhline(best_linear, color=ORANGE, linestyle="--", label=words["best linear"])
        axis.set(xlabel=words["epoch"], ylabel=words["mean squared error"], ylim=(0, None))
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend()
    return _closed(figure)


def errors_by_code_size(sizes: list[int], trained: list[float], best: Tensor, language: str = "en") -> Figure:
    """Test error of trained linear autoencoders against the size of their code, beside the best there is.

    Args:
        sizes: the code sizes that were trained.
        trained: the test error of each.
        best: (K,), the least error that a linear code of 1, 2, … K numbers can have.
        language: of the labels, ``"en"`` or ``"ko"``.
    """
    words = _words(language)
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(WIDTH, 2.8))
        axis.plot(range(1, len(best) + 1), best.cpu().numpy(), color=ORANGE, label=words["best linear"])
        axis.plot(sizes, trained, "o", color=BLUE, label=words["trained"])
        axis.set(xlabel=words["code size"], ylabel=words["mean squared error"], ylim=(0, None))
        axis.legend()
    return _closed(figure)


def _words(language: str) -> dict[str, str]:
    if language not in WORDS:
        raise ValueError(f"language must be one of {', '.join(WORDS)}, and is {language!r}")
    return WORDS[language]


def _floats(images: Tensor) -> Tensor:
    images = images.detach().cpu()
    return images.float() if images.is_floating_point() else images.float() / 255


def _grid(rows: int, columns: int, room: float = 0) -> tuple[Figure, np.ndarray]:
    """Square places for pictures, with some room (in inches) below each row."""
    size = WIDTH / columns
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, rows * (size + room)), squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[], frame_on=False)
    return figure, axes


def _picture(axis: Axes, image: Tensor) -> None:
    axis.imshow(image[0].numpy(), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")


def _numbers(axis: Axes, grid: Tensor, fontsize: float) -> None:
    numbers = grid.detach().cpu().numpy()
    # At most a third of the way to black, so that the numbers stay legible.
    shades = np.abs(numbers) / (3 * np.abs(numbers).max() or 1)
    axis.pcolormesh(shades, cmap="gray_r", vmin=0, vmax=1, edgecolors="0.8", linewidth=0.5)
    axis.set(xticks=[], yticks=[], frame_on=False, aspect="equal")
    axis.invert_yaxis()
    for (row, column), number in np.ndenumerate(numbers):
        axis.text(column + 0.5, row + 0.5, f"{number:g}", ha="center", va="center", fontsize=fontsize)


def _closed(figure: Figure) -> Figure:
    # An open figure would be shown twice by a notebook: once as the cell's value, once by pyplot.
    plt.close(figure)
    return figure
