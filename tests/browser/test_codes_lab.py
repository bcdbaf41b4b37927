"""Codes in JupyterLab: a learner's own model, with changed weights; and what Python has of the code."""

import pytest
from lab_server import cell_run, eventually, python, reopened, require_value, value
from playwright.sync_api import expect

from aebook.widgets.codes import Codes

CELL = """import torch
from aebook import Codes
from aebook.models import LinearAutoencoder

torch.manual_seed(0)
model = LinearAutoencoder(5)
codes = Codes(models={"mine": model}, model="mine", digit=3, along="numbers")
codes"""
GREYS = """async root => {
    while (!root.dataset.settled) await new Promise(requestAnimationFrame);
    const canvas = root.querySelector(".lane.own .drawn");
    return [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3);
}"""
EXPECTED = "(model.decode(torch.tensor([codes.code])).flatten().clamp(0, 1) * 255).tolist()"


@pytest.fixture(scope="module")
def lab(browser, jupyterlab):
    """A page of JupyterLab with the cell run; what it complains of fails the last test."""
    with cell_run(browser, jupyterlab, CELL, ".aebook-codes") as page:
        yield page


def greys(lab):
    return lab.locator(".aebook-codes").first.evaluate(GREYS)


def require_pytorchs(lab):
    """What is drawn of the learner's model is what PyTorch makes of the code that Python has."""

    def is_drawn():
        shown, expected = greys(lab), value(lab, EXPECTED)
        assert len(expected) == 784
        assert max(abs(one - other) for one, other in zip(shown, expected, strict=True)) < 0.53

    eventually(is_drawn)


def test_a_slider_moves_a_learners_code_and_python_has_it(lab):
    root, before = lab.locator(".aebook-codes").first, greys(lab)
    expect(root.locator(".track input")).to_have_count(5)
    root.get_by_role("slider", name="number 2").press("ArrowRight")
    lab.wait_for_function("() => !!document.querySelector('.aebook-codes').dataset.settled")
    assert greys(lab) != before
    require_value(lab, 5, "len(codes.code)")
    require_pytorchs(lab)


def test_a_code_set_in_python_is_drawn(lab):
    python(lab, "codes.code = [3.0, -2.0, 1.0, 0.0, 0.5]")
    slider = lab.get_by_role("slider", name="number 1")
    expect(slider).not_to_have_value("0")
    require_pytorchs(lab)


def test_weights_that_have_changed_are_drawn_when_the_models_are_set_again(lab):
    before = greys(lab)
    python(lab, "_ = torch.nn.init.normal_(model.decoder[0].weight, std=0.3); codes.models = {'mine': model}")
    lab.wait_for_function(
        f"async before => String(await ({GREYS})(document.querySelector('.aebook-codes'))) !== before",
        arg=",".join(map(str, before)),
    )
    require_pytorchs(lab)


def test_saved_and_opened_again_a_sentence_and_a_picture_say_what_to_do(lab):
    sentence = Codes.spec.fallback["en"]
    expect(lab.get_by_text(sentence)).to_be_hidden()
    page = reopened(lab)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.locator(".aebook-codes")).to_have_count(0)
