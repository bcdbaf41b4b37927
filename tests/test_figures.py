"""aebook.figures: one scale for pictures, nothing blank, nothing left open, and words that the font can write."""

import re
import warnings
from itertools import combinations, pairwise
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from aebook import figures
from aebook.training import History

IMAGES = torch.rand(7, 1, 28, 28, generator=torch.Generator().manual_seed(0))
WRONG = (IMAGES + 0.7).clamp(max=1.5)  # goes above 1, as a linear model's reconstructions do


def drawn(language):
    """Every figure of the book, by name."""
    return {
        "digits": figures.digits(IMAGES, columns=3),
        "pairs": figures.pairs(IMAGES, WRONG, language=language),
        "by_model": figures.by_model(IMAGES, {"PCA": WRONG, "20": IMAGES}, language=language),
        "weights": figures.weights(torch.linspace(-2, 1, 20 * 784).view(20, 784)),
        "kernels": figures.weights(torch.linspace(-2, 1, 16 * 9).view(16, 3, 3), columns=8),
        "number_grids": figures.number_grids({"3 × 3": torch.arange(9.0).view(3, 3), "커널": torch.zeros(2, 5)}),
        "loss_curves": figures.loss_curves(History([0.3, 0.2], test_loss=[0.25, 0.19]), 0.1, language=language),
        "code_size_curves": figures.code_size_curves([2, 9], {"20": torch.rand(2, 3)}, language=language),
        "errors_by_code_size": figures.errors_by_code_size(
            [1, 4], [0.3, 0.1], torch.tensor([0.2, 0.1, 0.09, 0.08]), language=language
        ),
    }


def pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def pictures_of(figure):
    return [image for axis in figure.axes for image in axis.images]


def words(figure):
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]


def test_a_title_wider_than_its_grid_runs_neither_into_the_next_nor_out_of_the_figure():
    figure = figures.number_grids({"input": torch.ones(5, 5), "Conv2d, stride=2": torch.ones(2, 2)})
    figure.draw_without_rendering()
    first, second = figure.axes
    words = second.title.get_window_extent()
    assert first.get_window_extent().x1 < words.x0 and words.x1 < figure.bbox.x1


def test_a_figure_is_as_large_where_another_matplotlib_measures_a_title_a_little_wider(monkeypatch):
    grids = {"input": torch.ones(5, 5), "Conv2d, stride=2": torch.ones(2, 2)}
    size, measured = figures.number_grids(grids).get_size_inches(), figures._inches
    monkeypatch.setattr(figures, "_inches", lambda title: 1.003 * measured(title))
    assert (figures.number_grids(grids).get_size_inches() == size).all()


@pytest.mark.parametrize("language", figures.WORDS)
@pytest.mark.parametrize("name", drawn("en"))
def test_a_figure_is_closed_not_blank_and_has_a_sign_for_every_letter(name, language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        figure = drawn(language)[name]
        assert pixels(figure).std() > 5


def test_the_words_of_every_language_have_the_same_keys_and_their_own_script():
    keys = [set(table) for table in figures.WORDS.values()]
    assert keys[0] == keys[1] and len(keys[0]) > 5
    assert all(re.search("[가-힣]", word) for word in figures.WORDS["ko"].values())
    assert not any(re.search("[가-힣]", word) for word in figures.WORDS["en"].values())


@pytest.mark.parametrize("name", ["pairs", "loss_curves", "errors_by_code_size", "code_size_curves"])
def test_labels_are_in_the_language_that_is_asked_for(name):
    for language, table in figures.WORDS.items():
        labels = [word for word in words(drawn(language)[name]) if re.search("[a-z가-힣]", word)]
        assert labels and set(labels) <= set(table.values())


@pytest.mark.parametrize("name", ["digits", "pairs", "by_model"])
def test_every_picture_is_on_the_same_scale_from_paper_to_ink(name):
    pictures = pictures_of(drawn("en")[name])
    assert len(pictures) >= 7
    assert {(image.get_clim(), image.get_cmap().name) for image in pictures} == {((0, 1), "gray_r")}


def test_bytes_and_floats_are_the_same_picture():
    whole = (IMAGES * 255).round().to(torch.uint8)
    assert np.array_equal(pixels(figures.digits(whole)), pixels(figures.digits(whole / 255)))


def box(artist, figure):
    """Where an artist is drawn, in pixels of the figure."""
    return artist.get_window_extent(figure.canvas.get_renderer())


def places(figure, columns):
    """Its pictures, row by row, each of them from left to right; the last of some rows may be missing."""
    FigureCanvasAgg(figure).draw()
    rows = {}
    for image in sorted(pictures_of(figure), key=lambda image: box(image, figure).x0):
        rows.setdefault(round(box(image, figure).y0), []).append(image)
    assert max(map(len, rows.values())) <= columns
    return [rows[height] for height in sorted(rows, reverse=True)]


def titles_of(figure):
    """The words at the left edge, from the top to the bottom."""
    edge = min(box(image, figure).x0 for image in pictures_of(figure))
    texts = [text for text in figure.findobj(plt.Text) if text.get_text() and box(text, figure).x0 < edge + 1]
    return sorted(texts, key=lambda text: -box(text, figure).y0)


def errors_of(figure):
    """The numbers below pictures, row by row."""
    texts = [text for text in figure.findobj(plt.Text) if re.fullmatch(r"\d\.\d+", text.get_text())]
    return sorted(texts, key=lambda text: (-round(box(text, figure).y0), box(text, figure).x0))


@pytest.mark.parametrize("columns", [1, 3, 7])
def test_pairs_shows_each_input_above_its_reconstruction_with_their_error(columns):
    figure = figures.pairs(IMAGES, WRONG, columns)
    rows = places(figure, columns)
    inputs, outputs = ([image for row in some for image in row] for some in (rows[0::2], rows[1::2]))
    for images, expected in ((inputs, IMAGES), (outputs, WRONG)):
        assert np.array_equal([image.get_array() for image in images], expected[:, 0])
    titles = [text.get_text() for text in titles_of(figure)]
    assert titles == ["input", "reconstruction"] * (len(rows) // 2) + ["mean squared error"]
    errors = [float(text.get_text()) for text in errors_of(figure)]
    assert errors == pytest.approx((IMAGES - WRONG).square().mean((1, 2, 3)).tolist(), abs=5e-4)
    for above, below, error in zip(inputs, outputs, errors_of(figure), strict=True):
        above, below, error = (box(one, figure) for one in (above, below, error))
        assert above.x0 == pytest.approx(below.x0)
        assert error.x0 + error.x1 == pytest.approx(below.x0 + below.x1, abs=2)


@pytest.mark.parametrize("language", figures.WORDS)
def test_by_model_shows_the_images_and_then_each_model_s_row_under_its_name_and_error(language):
    rows = {"linear": WRONG, "대단한 모델": IMAGES, "none": torch.zeros_like(IMAGES)}
    figure = figures.by_model((IMAGES * 255).round().to(torch.uint8), rows, language)
    shown, titles = places(figure, 7), [text.get_text() for text in titles_of(figure)]
    assert titles[0] == figures.WORDS[language]["input"]
    for row, title, (name, expected) in zip(shown[1:], titles[1:], rows.items(), strict=True):
        assert np.array_equal([image.get_array() for image in row], expected[:, 0])
        assert title.startswith(f"{name}: {figures.WORDS[language]['error']} ")
        error = (IMAGES - expected).square().mean().item()
        assert float(title.rpartition(" ")[2]) == pytest.approx(error, abs=2e-3)
    assert titles[1] != titles[2] != titles[3]


@pytest.mark.parametrize("rows", ["models", "pairs"])
def test_a_row_s_words_lie_between_the_pictures_and_inside_the_figure(rows):
    if rows == "models":
        figure = figures.by_model(IMAGES, {f"a model with quite a long name, {i}": WRONG for i in range(4)})
    else:
        figure = figures.pairs(IMAGES.repeat(3, 1, 1, 1), WRONG.repeat(3, 1, 1, 1), columns=7)
    rows = places(figure, 7)
    assert len(rows) >= 5
    errors = [box(text, figure) for text in errors_of(figure)]
    for above, row, title in zip([None, *rows], rows, titles_of(figure), strict=False):
        words = box(title, figure)
        assert words.x0 >= 0 and words.x1 <= figure.bbox.x1 and words.y1 <= figure.bbox.y1 + 1
        assert words.y0 >= box(row[0], figure).y1
        assert above is None or words.y1 <= box(above[0], figure).y0
        assert all(words.y1 <= error.y0 or error.y1 < words.y0 for error in errors)


@pytest.mark.parametrize("language", figures.WORDS)
def test_ten_pairs_stand_in_one_row_and_their_errors_do_not_touch(language):
    figure = figures.pairs(IMAGES[[0] * 10], WRONG[[0] * 10], language=language)
    above, below = places(figure, 10)
    errors = [box(text, figure) for text in errors_of(figure)]
    assert len(above) == len(below) == len(errors) == 10
    assert all(one.x1 + 2 < other.x0 for one, other in pairwise(errors))
    assert all(error.y1 < box(below[0], figure).y0 and error.y0 > 0 for error in errors)
    # No picture is smaller than its place for want of height.
    assert all(box(image, figure).width > 0.08 * figure.bbox.width for image in (*above, *below))


@pytest.mark.parametrize("shape", [(28, 28), (10, 28), (28, 10)])
def test_pictures_are_as_far_apart_as_each_is_from_the_edge_twice_and_keep_their_shape(shape):
    images, inch = torch.ones(7, 1, *shape), figures.STYLE["figure.dpi"]
    figure = figures.digits(images, 3)
    (left, _, right), (below, *_), _ = ([box(image, figure) for image in row] for row in places(figure, 3))
    assert left.width / left.height == pytest.approx(shape[1] / shape[0], rel=0.01)
    assert left.x0 == pytest.approx(figure.bbox.x1 - right.x1, abs=1)
    assert left.y0 - below.y1 == pytest.approx(2 * (figure.bbox.y1 - left.y1), abs=1)
    assert max(left.width, left.height) == pytest.approx(figures.WIDTH / 3 * inch - 2 * inch / 24, abs=1)
    ink = (pixels(figure) == 0).all(-1)  # what is drawn lies where it is said to lie
    top, bottom = figure.bbox.y1 - left.y1, figure.bbox.y1 - left.y0
    inside = ink[round(top) + 2 : round(bottom) - 2, round(left.x0) + 2 : round(left.x1) - 2]
    assert inside.all() and ink.sum() == pytest.approx(7 * left.width * left.height, rel=0.05)


def test_a_hundred_pictures_in_a_row_are_as_narrow_as_they_have_to_be():
    (row,) = places(figures.by_model(IMAGES[[0] * 100], {}), 100)
    boxes = [box(image, row[0].figure) for image in row]
    assert all(one.width > 0 and one.x1 < other.x0 for one, other in pairwise(boxes))


def test_a_pair_is_closer_together_than_two_pairs_and_every_pair_the_same():
    tops = [box(row[0], figure).y1 for figure in [figures.pairs(IMAGES, WRONG, 3)] for row in places(figure, 3)]
    steps = [above - below for above, below in pairwise(tops)]
    within, between = steps[0::2], steps[1::2]
    assert np.ptp(within) < 1.5 and np.ptp(between) < 1.5 and within[0] + 10 < between[0]


def test_a_model_s_row_of_another_shape_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"\(7, 1, 28, 28\) and \(6, 1, 28, 28\) \(conv\)"):
        figures.by_model(IMAGES, {"PCA": WRONG, "conv": WRONG[:6]})


def test_kernels_of_any_size_are_drawn_as_they_are():
    kernels = torch.tensor([[[0.0, 1, 2], [-4, 0, 0]]])
    (image,) = pictures_of(figures.weights(kernels, columns=1))
    assert np.array_equal(image.get_array(), kernels[0])


def test_weights_are_paper_at_0_blue_above_and_orange_below_on_one_scale_for_all_pictures_together():
    tensor = torch.zeros(2, 784)
    tensor[0, 0], tensor[1, 1] = -4, 2
    ends = {0.0: "#ffffff", -4.0: figures.COLOURS["code"], 4.0: figures.COLOURS["net"]}
    for image in pictures_of(figures.weights(tensor, columns=2)):
        assert image.get_clim() == (-4, 4)
        assert {number: to_hex(image.to_rgba(np.array([[number]]))[0, 0]) for number in ends} == ends


def test_number_grids_writes_every_number_in_its_place():
    grids = {"a": torch.arange(12.0).view(3, 4), "b": torch.tensor([[-0.5, 1234]])}
    figure = figures.number_grids(grids)
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"]
    for axis, grid in zip(figure.axes, grids.values(), strict=True):
        written = {
            (int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in axis.texts
        }
        assert written == {place: f"{number:g}" for place, number in np.ndenumerate(grid.numpy())}
        assert axis.yaxis_inverted()


def test_curves_are_the_numbers_that_are_given():
    figure = figures.loss_curves(History([0.3, 0.2, 0.1], test_loss=[0.25, 0.19, 0.15]), 0.05)
    train, test, best = (line.get_ydata() for line in figure.axes[0].lines)
    assert (list(train), list(test), set(best)) == ([0.3, 0.2, 0.1], [0.25, 0.19, 0.15], {0.05})


@pytest.mark.parametrize("language", figures.WORDS)
@pytest.mark.parametrize(
    "ends", [(0.1, 0.1), (0.1, 0.1001), (0.1001, 0.1), (0.01, 0.3), (0.3, 0.01), (1e-3, 2e-3)]
)
def test_the_ends_of_lines_are_named_in_their_colours_apart_from_each_other_and_inside_the_figure(ends, language):
    words = figures.WORDS[language]
    history = History([0.4, ends[0]], test_loss=[0.35, ends[1]])
    figure = figures.loss_curves(history, 0.09, language)
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    names = {text.get_text(): text for text in axis.texts}
    assert set(names) == {words[name] for name in ("training set", "test set", "best linear")}
    assert axis.get_legend() is None and axis.get_ylim()[0] == 0
    for name, line in zip(("training set", "test set", "best linear"), axis.lines, strict=True):
        assert names[words[name]].get_color() == line.get_color()
    boxes = [box(text, figure) for text in names.values()]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    assert all(one.x1 <= figure.bbox.x1 + 1 and one.y0 >= 0 and one.y1 <= figure.bbox.y1 + 1 for one in boxes)


def test_an_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="one of en, ko, and is 'fr'"):
        figures.loss_curves(History([0.1]), language="fr")


def test_images_and_reconstructions_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(7, 1, 28, 28\) and \(6, 1, 28, 28\)"):
        figures.pairs(IMAGES, WRONG[:6])


# Pictures of any type

WHOLE = torch.tensor([[0, 255], [51, 204]]).view(1, 1, 2, 2)
PICTURES = {
    "floats": (WHOLE / 255, [0, 1, 0.2, 0.8]),
    "float64": ((WHOLE / 255).double(), [0, 1, 0.2, 0.8]),
    "float16": ((WHOLE / 255).half(), [0, 1, 0.2, 0.8]),
    "bfloat16": ((WHOLE / 255).bfloat16(), [0, 1, 0.2, 0.8]),
    "uint8": (WHOLE.to(torch.uint8), [0, 1, 0.2, 0.8]),
    "int16": (WHOLE.to(torch.int16), [0, 1, 0.2, 0.8]),
    "int32": (WHOLE.to(torch.int32), [0, 1, 0.2, 0.8]),
    "int64": (WHOLE, [0, 1, 0.2, 0.8]),
    "bool": (WHOLE > 100, [0, 1, 0, 1]),
    "with a gradient": ((WHOLE / 255).requires_grad_(), [0, 1, 0.2, 0.8]),
    "NumPy's floats": ((WHOLE / 255).numpy(), [0, 1, 0.2, 0.8]),
    "NumPy's float16": ((WHOLE / 255).numpy().astype(np.float16), [0, 1, 0.2, 0.8]),
    "NumPy's uint8": (WHOLE.numpy().astype(np.uint8), [0, 1, 0.2, 0.8]),
    "NumPy's bool": (WHOLE.numpy() > 100, [0, 1, 0, 1]),
    "NumPy's, of the other byte order": ((WHOLE / 255).numpy().astype(">f4"), [0, 1, 0.2, 0.8]),
    "NumPy's, turned, and not to be written to": (
        np.broadcast_to((WHOLE / 255).numpy()[:, :, ::-1, ::-1], (1, 1, 2, 2)),
        [0.8, 0.2, 1, 0],
    ),
}


def shown(figure):
    return [np.asarray(image.get_array()) for image in pictures_of(figure)]


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_of_any_type_are_drawn_and_measured_by_what_they_mean(kind):
    images, expected = PICTURES[kind]
    nothing = torch.zeros(1, 1, 2, 2)
    error = np.square(expected).mean()
    (picture,) = shown(figures.digits(images))
    assert picture.ravel() == pytest.approx(expected, abs=4e-3)
    above, below = shown(figures.pairs(nothing, images, 1))
    assert not above.any() and np.array_equal(below, picture)
    for figure in (figures.pairs(images, nothing, 1), figures.by_model(nothing, {"model": images})):
        (said,) = [float(word.split()[-1]) for word in words(figure) if re.search("[0-9]", word)]
        assert said == pytest.approx(error, abs=4e-3)


def test_a_truth_value_is_a_whole_pixel():
    ones = torch.ones(2, 1, 4, 4, dtype=torch.bool)
    assert "1.000" in words(figures.pairs(ones, ~ones)) and "0.000" in words(figures.pairs(ones, ones.double()))


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.uint8, torch.bool])
def test_pictures_with_three_channels_are_drawn_in_colour(kind):
    red = torch.zeros(1, 3, 5, 5)
    red[:, 0] = 1
    images = red.bool() if kind is torch.bool else (red * 255).to(kind) if kind is torch.uint8 else red.to(kind)
    for figure in (
        figures.digits(images, 1),
        figures.pairs(images, images, 1),
        figures.by_model(images, {"a": images}),
    ):
        assert all(np.array_equal(picture, np.broadcast_to([1, 0, 0], (5, 5, 3))) for picture in shown(figure))
        middle = pixels(figure).reshape(-1, 3)
        assert (middle == [255, 0, 0]).all(1).mean() > 0.2
    figure = figures.digits(torch.stack([3 * red[0] - 1, red[0].flip(0)]), 2)  # beyond 0 and 1 as 0 and 1
    assert [picture[0, 0].tolist() for picture in shown(figure)] == [[1, 0, 0], [0, 0, 1]]


NOT_PICTURES = {
    "two channels": (torch.rand(4, 2, 8, 8), ValueError, "and have (4, 2, 8, 8)"),
    "four channels": (torch.rand(4, 4, 8, 8), ValueError, "and have (4, 4, 8, 8)"),
    "colours last": (
        torch.rand(4, 8, 8, 3),
        ValueError,
        "(4, 8, 8, 3); PyTorch has the channel before the pixels: try",
    ),
    "no channel": (torch.rand(4, 28, 28), ValueError, "and have (4, 28, 28); try images.unsqueeze(1)"),
    "one picture": (torch.rand(3, 28, 28), ValueError, "and have (3, 28, 28); try images.unsqueeze(0)"),
    "bare": (torch.rand(28, 28), ValueError, "and have (28, 28); try images[None, None]"),
    "rows": (torch.rand(4, 784), ValueError, "and have (4, 784); try images.reshape(-1, 1, 28, 28)"),
    "none": (torch.rand(0, 1, 28, 28), ValueError, "and have (0, 1, 28, 28)"),
    "a number": (torch.tensor(1.0), ValueError, "and have ()"),
    "nan": (
        torch.tensor([1.0, float("nan")]).view(1, 1, 1, 2),
        ValueError,
        "be finite, and 1 of 2 are nan or infinite",
    ),
    "infinite": (torch.full((1, 1, 2, 2), -torch.inf), ValueError, "be finite, and 4 of 4 are nan or infinite"),
    "large numbers": (300 * torch.ones(1, 1, 2, 2).long(), ValueError, "be from 0 to 255, and go from 300 to 300"),
    "negative numbers": (-torch.ones(1, 1, 2, 2).int(), ValueError, "be from 0 to 255, and go from -1 to -1"),
    "complex": (
        torch.ones(1, 1, 2, 2, dtype=torch.complex64),
        TypeError,
        "be numbers, in a tensor or a NumPy array, and are complex64",
    ),
    "words": (
        np.full((1, 1, 2, 2), "ink"),
        TypeError,
        "be numbers, in a tensor or a NumPy array, and are ndarray",
    ),
    "a list": ([torch.rand(1, 28, 28)], TypeError, "be a tensor or a NumPy array, and are a list"),
    "nothing": (None, TypeError, "be a tensor or a NumPy array, and are a NoneType"),
}


@pytest.mark.parametrize("kind", NOT_PICTURES)
def test_what_is_no_picture_is_refused_in_a_sentence_by_every_figure(kind):
    images, error, said = NOT_PICTURES[kind]
    good = torch.rand(1, 1, 2, 2)
    for draw, what in (
        (lambda: figures.digits(images), "images"),
        (lambda: figures.pairs(images, good), "images"),
        (lambda: figures.pairs(good, images), "reconstructions"),
        (lambda: figures.by_model(images, {}), "images"),
        (lambda: figures.by_model(good, {"PCA": images}), "reconstructions (PCA)"),
    ):
        with pytest.raises(error) as refusal:
            draw()
        assert str(refusal.value).startswith(f"{what} ") and said.replace("images", what) in str(refusal.value)


@pytest.mark.parametrize("columns", [0, -1, 2.5, True, "3", None])
def test_columns_are_a_whole_number_above_0(columns):
    for draw in (lambda: figures.digits(IMAGES, columns), lambda: figures.pairs(IMAGES, WRONG, columns)):
        with pytest.raises((TypeError, ValueError), match="columns must be"):
            draw()
    assert list(map(len, places(figures.digits(IMAGES, np.int64(4)), 4))) == [4, 3]


# Weights, grids of numbers, curves


@pytest.mark.parametrize("shape", [(16, 784), (16, 3, 3), (16, 1, 3, 3), (16, 3, 3, 3), (2, 3, 4, 5, 6)])
def test_weights_are_drawn_picture_by_picture_in_their_order_on_one_scale(shape):
    tensor = torch.randn(shape)
    expected = tensor.reshape(-1, 28, 28) if len(shape) == 2 else tensor.reshape(-1, *shape[-2:])
    pictures = shown(figures.weights(tensor, 8))
    assert len(pictures) == len(expected)
    np.testing.assert_allclose(pictures, expected, atol=1e-6)


@pytest.mark.parametrize(
    "kind", [torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.uint8, torch.bool]
)
def test_weights_of_any_type_are_drawn_by_their_size(kind):
    tensor = torch.tensor([[[0, 1], [2, -128]]]).to(kind)
    (picture,) = shown(figures.weights(tensor))
    numbers = tensor.double().numpy()[0]
    np.testing.assert_allclose(picture, numbers, atol=1e-6)
    (from_numpy,) = shown(figures.weights(tensor.double().numpy()))
    assert np.array_equal(from_numpy, picture)


def test_weights_that_are_all_zero_are_paper():
    for tensor in (torch.zeros(3, 784), torch.zeros(3, 5, 5, dtype=torch.int64)):
        images = pictures_of(figures.weights(tensor))
        assert len(images) == 3
        assert all((image.to_rgba(image.get_array()) == 1).all() for image in images)
    (tiny,) = pictures_of(figures.weights(torch.full((1, 2, 2), 1e-45), 1))
    assert to_hex(tiny.to_rgba(tiny.get_array())[0, 0]) == figures.COLOURS["net"]


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.rand(784, 20), "and have (784, 20); try weights.T"),
        (torch.rand(20, 30), "and have (20, 30)"),
        (torch.rand(784), "and have (784,)"),
        (torch.rand(0, 784), "and have (0, 784)"),
        (torch.full((2, 784), torch.nan), "be finite, and 1568 of 1568 are nan or infinite"),
        (torch.rand(1, 2, 2) + 1j, "be numbers, in a tensor or a NumPy array, and are complex64"),
    ],
)
def test_what_are_no_weights_is_refused_in_a_sentence(tensor, said):
    with pytest.raises((ValueError, TypeError)) as refusal:
        figures.weights(tensor)
    assert said in str(refusal.value) and str(refusal.value).startswith("weights must ")


def shades(figure):
    return [np.asarray(axis.collections[0].get_array()).ravel() for axis in figure.axes]


@pytest.mark.parametrize("kind", ["uint8", "int8", "int64", "float16", "bfloat16", "float64", "bool"])
def test_the_largest_number_of_a_grid_is_a_third_of_the_way_to_black_whatever_its_type(kind):
    grid = torch.tensor([[0, 64], [100, 127]]).to(getattr(torch, kind))
    numbers = grid.double().numpy().ravel()
    figure = figures.number_grids({"grid": grid, "NumPy's": grid.double().numpy()})
    for shade in shades(figure):
        np.testing.assert_allclose(shade, numbers / numbers.max() / 3)
    assert [f"{number:g}" for number in numbers] * 2 == [word for word in words(figure) if re.match("[0-9]", word)]


def test_a_grid_s_least_whole_number_is_as_dark_as_it_is_large():
    (shade,) = shades(figures.number_grids({"grid": torch.tensor([[-128, 64]], dtype=torch.int8)}))
    np.testing.assert_allclose(shade, [1 / 3, 1 / 6])


def test_what_is_not_finite_in_a_grid_is_written_and_leaves_the_others_their_shades():
    figure = figures.number_grids({"grid": torch.tensor([[torch.nan, -torch.inf, 2, 1]])})
    np.testing.assert_allclose(shades(figure)[0], [0, 1 / 3, 1 / 3, 1 / 6])
    assert {"nan", "-inf", "2", "1"} <= set(words(figure))


@pytest.mark.parametrize(
    ("grids", "said"),
    [
        ({}, "at least one grid"),
        ({"a": torch.ones(3)}, "the grid 'a' must have the shape (H, W), and has (3,)"),
        ({"a": torch.ones(1, 3, 3)}, "the grid 'a' must have the shape (H, W), and has (1, 3, 3)"),
        ({"a": torch.ones(0, 3)}, "the grid 'a' must have the shape (H, W), and has (0, 3)"),
        ({"a": "text"}, "the grid 'a' must be numbers, in a tensor or a NumPy array, and are str"),
    ],
)
def test_what_is_no_grid_is_refused_in_a_sentence(grids, said):
    with pytest.raises((ValueError, TypeError)) as refusal:
        figures.number_grids(grids)
    assert said in str(refusal.value)


@pytest.mark.parametrize(("train", "test"), [([0.3, 0.2], [0.3]), ([0.3], [0.3, 0.2]), ([], [0.1])])
def test_curves_of_unequal_length_are_refused_in_a_sentence(train, test):
    with pytest.raises(ValueError) as refusal:
        figures.loss_curves(SimpleNamespace(train_loss=train, test_loss=test))
    lengths = f"{len(train)} of train_loss and {len(test)} of test_loss"
    assert str(refusal.value) == f"history must have one loss for every epoch in each list, and has {lengths}"


@pytest.mark.parametrize(
    "test", [[], None, [torch.tensor(0.3, requires_grad=True), np.float32(0.2)], [torch.nan, 0.2]]
)
def test_curves_take_any_numbers_and_a_gap_where_there_was_no_loss(test):
    history = SimpleNamespace(train_loss=(0.4, torch.tensor(0.3)), test_loss=test)
    (axis,) = figures.loss_curves(history, torch.tensor(0.1)).axes
    drawn = [line.get_ydata() for line in axis.lines]
    assert drawn[0] == pytest.approx([0.4, 0.3]) and drawn[-1] == pytest.approx([0.1, 0.1])
    assert len(drawn) == (3 if test else 2)


def test_an_error_for_every_code_size_is_asked_for():
    for best in (
        torch.tensor([0.2, 0.1], dtype=torch.bfloat16, requires_grad=True),
        np.array([0.2, 0.1]),
        [0.2, 0.1],
    ):
        (axis,) = figures.errors_by_code_size([1, np.int64(2)], [torch.tensor(0.3), 0.2], best).axes
        assert axis.lines[0].get_ydata() == pytest.approx([0.2, 0.1], rel=0.01)
    with pytest.raises(ValueError, match=r"one trained error for every size.*sizes \(2,\), trained \(1,\)"):
        figures.errors_by_code_size([1, 2], [0.3], [0.2, 0.1])


def test_a_code_size_curve_goes_through_the_means_and_shows_every_seed():
    errors = {"a": torch.tensor([[0.4, 0.2, 0.3], [0.1, 0.1, 0.1]]), "b": np.array([[0.5], [0.2]])}
    figure = figures.code_size_curves([2, 20], errors)
    mean_a, *seeds_a, mean_b, seed_b = [line.get_ydata() for line in figure.axes[0].lines]
    assert mean_a == pytest.approx([0.3, 0.1]) and len(seeds_a) == 3
    assert sorted(seed[0] for seed in seeds_a) == pytest.approx([0.2, 0.3, 0.4])
    assert mean_b == pytest.approx([0.5, 0.2]) and seed_b == pytest.approx([0.5, 0.2])
    assert {"a", "b"} <= set(words(figure))
    with pytest.raises(ValueError, match=r"a must have a row of errors for each size, and has \(2, 3\)"):
        figures.code_size_curves([2, 10, 20], {"a": errors["a"]})
