"""Drawing in JupyterLab: a learner's own model beside the book's, with changed weights; what Python has of it."""

import pytest
from lab_server import cell_run, eventually, python, reopened, require_value, value
from playwright.sync_api import expect

from aebook.widgets.drawing import Drawing

CELL = """import torch
from aebook import Drawing
from aebook.models import LinearAutoencoder

torch.manual_seed(0)
model = LinearAutoencoder(5)
drawing = Drawing(models={"mine": model}, digit=3, book="BOOK")
drawing"""
ERROR = "((model(drawing.image) - drawing.image) ** 2).mean().item()"
SETTLED = """async root => {
    while (!root.dataset.settled) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture(scope="module", params=["plain", "denoising"])
def book(request):
    """Which of the book's models stand beside the learner's."""
    return request.param


@pytest.fixture(scope="module")
def lab(browser, jupyterlab, book):
    """A page of JupyterLab with the cell run; what it complains of fails the last test."""
    with cell_run(browser, jupyterlab, CELL.replace("BOOK", book), ".aebook-drawing") as page:
        yield page


def drawing_of(page):
    root = page.locator(".aebook-drawing").first
    root.evaluate(SETTLED)
    return root


def require_pytorchs(lab):
    """The error that the learner's lane shows is what PyTorch computes of the image that Python has."""
    shown = drawing_of(lab).locator(".lane.own b")

    def is_shown():
        wanted = value(lab, ERROR)
        assert shown.inner_text() == f"{wanted:.4f}"
        return wanted

    return eventually(is_shown)


def test_a_learners_own_model_stands_beside_the_books_with_pytorchs_error(lab, book):
    lanes, denoiser = drawing_of(lab).locator(".lane .name"), ["denoising"] if book == "denoising" else []
    expect(lanes).to_have_text(["mine", "linear", "stacked", "convolutional", *denoiser])
    assert value(lab, "list(drawing.image.shape)") == [1, 1, 28, 28]
    assert require_pytorchs(lab) > 0


def test_what_is_drawn_is_a_tensor_in_python(lab):
    before = value(lab, "drawing.image.flatten().tolist()")
    box = drawing_of(lab).locator(".pad").bounding_box()
    lab.mouse.move(box["x"] + 60, box["y"] + 60)
    lab.mouse.down()
    lab.mouse.move(box["x"] + 160, box["y"] + 180, steps=6)
    lab.mouse.up()
    root = drawing_of(lab)
    greys = (
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3)"
    )
    seen = root.locator(".seen").evaluate(greys)
    require_value(lab, seen, "(drawing.image.flatten() * 255).round().int().tolist()")
    assert [grey / 255 for grey in seen] != before and max(seen) == 255
    require_pytorchs(lab)


def test_weights_that_have_changed_are_shown_when_the_models_are_set_again(lab):
    before = require_pytorchs(lab)
    python(lab, "_ = torch.nn.init.normal_(model.decoder[0].weight, std=0.3); drawing.models = {'mine': model}")
    assert abs(require_pytorchs(lab) - before) > 0.001


def test_an_image_set_in_python_is_shown_and_the_keys_stay_in_the_pad(lab):
    python(lab, "torch.manual_seed(1); drawing.image = torch.rand(28, 28)")
    require_pytorchs(lab)
    assert value(lab, "round(drawing.image.sum().item())") > 300
    pad = drawing_of(lab).locator(".pad")
    pad.focus()
    for key in ["Space", *["ArrowDown"] * 5, "Space"]:
        lab.keyboard.press(key)
    expect(pad).to_be_focused()
    require_pytorchs(lab)
    assert value(lab, "len(drawing.strokes)") > 5


def test_noise_is_in_pythons_image_and_errors_are_from_the_clean_one_where_a_model_denoises(lab, book):
    require_pytorchs(lab)
    python(lab, "clean = drawing.image; drawing.noise = 1")
    shown, wanted = drawing_of(lab).locator(".lane.own b"), "clean" if book == "denoising" else "drawing.image"

    def is_shown():
        assert value(lab, "((drawing.image - clean) ** 2).mean().item()") > 0.03
        error = value(lab, f"((model(drawing.image) - {wanted}) ** 2).mean().item()")
        assert shown.inner_text() == f"{error:.4f}"

    eventually(is_shown)


def test_saved_and_opened_again_a_sentence_and_a_picture_say_what_to_do(lab):
    sentence = Drawing.spec.fallback["en"]
    expect(lab.get_by_text(sentence)).to_be_hidden()
    page = reopened(lab)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.locator(".aebook-drawing")).to_have_count(0)
