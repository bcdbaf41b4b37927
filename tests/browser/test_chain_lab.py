"""The chain in JupyterLab: what is moved there and what Python holds go together, whichever moved it."""

import pytest
from axe import violations
from lab_server import cell_run, change_theme, notebook_state, python, require_value, value
from playwright.sync_api import expect

CELL = "from aebook import DecoderChain\n\nchain = DecoderChain()\nchain"
SIZES = "[chain.sizes, list(chain.decoder(torch.zeros(1, chain.in_channels, *[chain.input_size] * 2)).shape)]"


@pytest.fixture(scope="module")
def lab(browser, jupyterlab):
    """A page of JupyterLab with the cell run; what it complains of fails the last test."""
    with cell_run(browser, jupyterlab, CELL, ".aebook-chain") as page:
        yield page


def test_from_5_to_64_in_jupyterlab_python_follows_and_leads(lab):
    chain = lab.locator(".aebook-chain")
    expect(chain.get_by_role("status")).to_contain_text("It ends at 61 × 61, 3 short of 64.")
    chain.get_by_role("button", name="find output_padding").click()
    expect(chain.get_by_role("status")).to_have_text("It ends at 64 × 64, as wanted.")
    require_value(lab, [[13, 30, 64], [1, 1, 64, 64]], SIZES, "import torch")
    chain.get_by_role("slider", name="kernel_size").press("ArrowLeft")
    expect(chain.get_by_role("status")).to_contain_text("It ends at 60 × 60, 4 short of 64.")
    require_value(lab, [12, 28, 60], "chain.sizes")
    python(
        lab, "chain.layers = [[4, 1, 0, 0, 1, 32], [4, 2, 1, 0, 1, 16], [4, 2, 1, 0, 1, 8], [4, 2, 1, 0, 1, 1]]"
    )
    expect(chain.locator(".layers label:visible")).to_have_count(4)
    expect(chain.get_by_role("status")).to_have_text("It ends at 64 × 64, as wanted.")
    names = {}
    exec(chain.locator("pre").inner_text(), names)
    assert str(names["decoder"]) == value(lab, "str(chain.decoder)")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_it_stands_out_in_jupyterlabs_themes(lab, theme):
    change_theme(lab, theme)
    assert violations(lab.locator(".aebook-chain")) == []


def test_no_key_pressed_in_it_does_anything_to_the_notebook(lab):
    chain, before = lab.locator(".aebook-chain"), notebook_state(lab)
    for control in ("button", "[type=range]", "[type=number]", "[type=radio]", "pre"):
        for key in ("b", "ArrowDown", "Enter"):
            chain.locator(control).first.focus()
            lab.keyboard.press(key)
            assert notebook_state(lab) == before, f"{key} on {control}"
