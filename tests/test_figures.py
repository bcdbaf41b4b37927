"""aebook.figures: one grey scale, nothing blank, nothing left open, and words that the font can write."""

import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg

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
        "loss_curves": figures.loss_curves(History([0.3, 0.2], [0.25, 0.19]), 0.1, language=language),
        "errors_by_code_size": figures.errors_by_code_size(
            [1, 4], [0.3, 0.1], torch.tensor([0.2, 0.1, 0.09, 0.08]), language=language
        ),
    }


def pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def words(figure):
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]


@pytest.mark.parametrize("language", figures.WORDS)
@pytest.mark.parametrize("name", drawn("en"))
def test_a_figure_is_closed_not_blank_and_has_a_sign_for_every_letter(name, language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        figure = drawn(language)[name]
        assert pixels(figure).std() > 5
    assert plt.get_fignums() == []


def test_the_words_of_every_language_have_the_same_keys_and_their_own_script():
    keys = [set(table) for table in figures.WORDS.values()]
    assert keys[0] == keys[1] and len(keys[0]) > 5
    assert all(re.search("[가-힣]", word) for word in figures.WORDS["ko"].values())
    assert not any(re.search("[가-힣]", word) for word in figures.WORDS["en"].values())


@pytest.mark.parametrize("name", ["pairs", "loss_curves", "errors_by_code_size"])
def test_labels_are_in_the_language_that_is_asked_for(name):
    for language, table in figures.WORDS.items():
        labels = [word for word in words(drawn(language)[name]) if re.search("[a-z가-힣]", word)]
        assert labels and set(labels) <= set(table.values())


@pytest.mark.parametrize("name", ["digits", "pairs", "by_model", "weights", "kernels"])
def test_every_picture_is_on_the_same_grey_scale(name):
    shown = [image for axis in drawn("en")[name].axes for image in axis.images]
    assert len(shown) >= 7
    assert {(image.get_clim(), image.get_cmap().name) for image in shown} == {((0, 1), "gray_r")}


def test_bytes_and_floats_are_the_same_picture():
    whole = (IMAGES * 255).round().to(torch.uint8)
    assert np.array_equal(pixels(figures.digits(whole)), pixels(figures.digits(whole / 255)))


@pytest.mark.parametrize("columns", [1, 3, 7])
def test_pairs_shows_each_input_above_its_reconstruction_with_their_error(columns):
    figure = figures.pairs(IMAGES, WRONG, columns)
    places = np.array([axis for axis in figure.axes]).reshape(-1, columns)
    inputs, outputs = places[0::2].flat[:7], places[1::2].flat[:7]
    for axes, expected in ((inputs, IMAGES), (outputs, WRONG)):
        shown = np.stack([axis.images[0].get_array().data for axis in axes])
        assert np.array_equal(shown, expected[:, 0].numpy())
    errors = [float(axis.get_xlabel()) for axis in outputs]
    assert errors == pytest.approx((IMAGES - WRONG).square().mean((1, 2, 3)).tolist(), abs=5e-4)


@pytest.mark.parametrize("language", figures.WORDS)
def test_by_model_shows_the_images_and_then_each_model_s_row_under_its_name_and_error(language):
    rows = {"linear": WRONG, "대단한 모델": IMAGES, "none": torch.zeros_like(IMAGES)}
    figure = figures.by_model((IMAGES * 255).round().to(torch.uint8), rows, language)
    places = np.array(figure.axes).reshape(4, 7)
    titles = [row[0].texts[0].get_text() for row in places]
    assert titles[0] == figures.WORDS[language]["input"]
    for row, title, (name, expected) in zip(places[1:], titles[1:], rows.items(), strict=True):
        assert np.array_equal([axis.images[0].get_array() for axis in row], expected[:, 0])
        assert title.startswith(f"{name}: {figures.WORDS[language]['error']} ")
        error = (IMAGES - expected).square().mean().item()
        assert float(title.rpartition(" ")[2]) == pytest.approx(error, abs=2e-3)
    assert titles[1] != titles[2] != titles[3]


def test_a_row_s_words_lie_between_the_pictures_and_inside_the_figure():
    figure = figures.by_model(IMAGES, {f"a model with quite a long name, {i}": WRONG for i in range(4)})
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    rows = np.array(figure.axes).reshape(5, 7)
    for above, row in zip([None, *rows], rows, strict=False):
        words = row[0].texts[0].get_window_extent(renderer)
        assert words.x0 >= 0 and words.x1 <= figure.bbox.x1 and words.y1 <= figure.bbox.y1 + 1
        assert words.y0 >= row[0].images[0].get_window_extent(renderer).y1
        assert above is None or words.y1 <= above[0].images[0].get_window_extent(renderer).y0


def test_a_model_s_row_of_another_shape_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"\(7, 1, 28, 28\) and \(6, 1, 28, 28\) \(conv\)"):
        figures.by_model(IMAGES, {"PCA": WRONG, "conv": WRONG[:6]})


def test_kernels_of_any_size_are_drawn_as_they_are():
    kernels = torch.tensor([[[0.0, 1, 2], [-4, 0, 0]]])
    (axis,) = figures.weights(kernels, columns=1).axes
    assert np.array_equal(axis.images[0].get_array(), 0.5 + kernels[0] / 8)


def test_weights_put_zero_at_grey_and_the_largest_at_black_for_all_pictures_together():
    tensor = torch.zeros(2, 784)
    tensor[0, 0], tensor[1, 1] = -4, 2
    shown = [axis.images[0].get_array() for axis in figures.weights(tensor, columns=2).axes]
    assert (shown[0][0, 0], shown[0][0, 1], shown[1][0, 1]) == (0, 0.5, 0.75)


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
    figure = figures.loss_curves(History([0.3, 0.2, 0.1], [0.25, 0.19, 0.15]), 0.05)
    train, test, best = (line.get_ydata() for line in figure.axes[0].lines)
    assert (list(train), list(test), set(best)) == ([0.3, 0.2, 0.1], [0.25, 0.19, 0.15], {0.05})


def test_an_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="one of en, ko, and is 'fr'"):
        figures.loss_curves(History([0.1]), language="fr")


def test_images_and_reconstructions_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(7, 1, 28, 28\) and \(6, 1, 28, 28\)"):
        figures.pairs(IMAGES, WRONG[:6])
