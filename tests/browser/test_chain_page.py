"""The chain in a page: a decoder sized layer by layer, by mouse, by keyboard and from an address."""

import json
import re

import pytest
import torch
from axe import violations
from playwright.sync_api import expect
from waking import wake

from aebook.widgets.chain import DecoderChain

FALLBACK = DecoderChain.spec.fallback
SHORT = "It ends at 61 × 61, 3 short of 64. With output_padding 0, 1, 1 it ends there."
# Takes the rest of the page away, which is not in question here: axe looks at all of it, and headers lie on top.
ALONE = """root => {
    for (let element = root; element !== document.body; element = element.parentElement) {
        for (const other of [...element.parentElement.children]) if (other !== element) other.remove();
    }
}"""
# Both languages, themes and widths; each pair of them meets.
SURROUNDINGS = [("en", "light", 1280), ("en", "dark", 390), ("ko", "light", 390), ("ko", "dark", 1280)]


@pytest.fixture
def open_chain(open_widgets):
    """A function that opens a page with a chain of those settings, from the disk, and gives the chain."""

    def open_chain(language="en", settings=(), **options):
        place = DecoderChain(language=language, **dict(settings))._repr_mimebundle_()[0]["text/html"]
        page = open_widgets(place, language=language, **options)
        wake(page)
        return page.locator(".aebook-chain")

    return open_chain


def sizes(chain):
    """What each layer's tab says, as pairs of sizes."""
    shown = [
        re.findall(r"(\d+|–) → (\d+|–)", text) for text in chain.locator(".layers label:visible").all_inner_texts()
    ]
    return [found[0] for found in shown]


def fill(chain, name, number):
    chain.get_by_role("spinbutton", name=name, exact=True).fill(f"{number}")


def test_each_size_is_shown_and_what_is_missing_and_how_to_find_it(open_chain):
    chain = open_chain()
    assert sizes(chain) == [("5", "13"), ("13", "29"), ("29", "61")]
    expect(chain.get_by_role("status")).to_have_text(SHORT)
    chain.get_by_role("button", name="find output_padding").click()
    assert sizes(chain) == [("5", "13"), ("13", "30"), ("30", "64")]
    expect(chain.get_by_role("status")).to_have_text("It ends at 64 × 64, as wanted.")
    expect(chain.locator("pre")).to_contain_text("output_padding=1),  # (B, 1, 64, 64)")
    fill(chain, "target size", 69)
    expect(chain.get_by_role("status")).to_have_text(
        "It ends at 64 × 64, 5 short of 69. output_padding alone leads to sizes from 61 to 68."
    )


def test_a_layer_is_added_changed_and_removed_and_reset_leads_back(open_chain):
    chain = open_chain()
    chain.get_by_role("radio", name="layer 2").check()
    chain.get_by_role("button", name="add a layer").click()
    assert sizes(chain) == [("5", "13"), ("13", "29"), ("29", "61"), ("61", "125")]
    expect(chain.get_by_role("radio", name="layer 3")).to_be_checked()
    fill(chain, "kernel_size", 4)
    fill(chain, "padding", 1)
    assert sizes(chain)[2:] == [("29", "58"), ("58", "119")]
    expect(chain.locator(".sum")).to_have_text("(29 − 1)·2 − 2·1 + 1·(4 − 1) + 0 + 1 = 58")
    expect(chain.get_by_text("even, 2 overlap")).to_be_visible()
    for left in (3, 2, 1, 1):
        chain.get_by_role("button", name=re.compile("remove layer")).click(force=True)  # the last one stays
        assert len(sizes(chain)) == left
    for _ in range(9):
        chain.get_by_role("button", name="add a layer").click(force=True)
    assert len(sizes(chain)) == 8
    chain.get_by_role("button", name="reset").click()
    expect(chain.get_by_role("status")).to_have_text(SHORT)


def test_a_refused_layer_is_named_with_pytorchs_words_and_behind_it_there_are_no_sizes(open_chain):
    chain = open_chain()
    fill(chain, "output_padding", 2)
    status = chain.get_by_role("status")
    expect(status).to_contain_text("Layer 1: PyTorch 2.14 refuses this setting:")
    expect(status).to_contain_text("output padding must be smaller than either stride or dilation, but got")
    expect(status).to_contain_text("output_padding 2 is smaller than neither stride 2 nor dilation 1.")
    assert sizes(chain) == [("5", "–"), ("–", "–"), ("–", "–")]
    expect(chain.locator("pre")).to_be_hidden()
    fill(chain, "output_padding", 0)
    fill(chain, "input_size", 1)
    fill(chain, "padding", 6)
    expect(status).to_contain_text("Output size is too small")
    expect(status).to_contain_text("padding cuts 6 off each side: nothing is left.")


@pytest.mark.parametrize("call", ["output_padding", "output_size"])
def test_the_code_is_copied_and_runs(open_chain, call):
    chain = open_chain(
        settings={"call": call, "layers": [[5, 2, 0, 0, 1, 32], [5, 2, 0, 1, 1, 16], [5, 2, 0, 1, 1, 1]]},
        permissions=["clipboard-read", "clipboard-write"],
    )
    chain.get_by_role("button", name="copy").click()
    expect(chain.get_by_role("button", name="copied")).to_be_visible()
    copied, names = chain.page.evaluate("navigator.clipboard.readText()"), {}
    exec(copied, names)
    assert names["decoder"](torch.zeros(2, 64, 5, 5)).shape == (2, 1, 64, 64)
    assert ("output_size=(64, 64)" in copied) == (call == "output_size")
    assert copied == chain.locator("pre").inner_text()


def test_it_is_in_the_address_and_comes_back_from_it(open_chain):
    chain = open_chain()
    chain.get_by_role("button", name="find output_padding").click()
    fill(chain, "target size", 63)
    chain.get_by_role("radio", name="output_size=").check()
    chain.page.wait_for_function("location.search.includes('call') && location.search.includes('target')")
    query = chain.page.evaluate("location.search")
    assert "chain.layers=[[5,2,0,0,1,32],[5,2,0,1,1,16],[5,2,0,1,1,1]]" in query
    again = open_chain(query=query)
    assert again.locator("pre").inner_text() == chain.locator("pre").inner_text()
    expect(again.get_by_role("status")).to_contain_text("It ends at 64 × 64, 1 beyond 63.")


def test_an_address_that_makes_no_sense_changes_nothing(open_chain):
    wrong = [
        "[]",
        "[[]]",
        "[[5,2,0,0,1]]",
        "[[5,2,0,0,1,1.5]]",
        "[[9,2,0,0,1,1]]",
        "[null]",
        "3",
        "[[5,2,0,0,1,true]]",
    ]
    for layers in wrong:
        chain = open_chain(query=f"?chain.layers={layers}&chain.target=0&chain.call=1&chain.chosen=2")
        expect(chain.get_by_role("status")).to_have_text(SHORT)


def test_everything_can_be_done_with_keys_alone(open_chain):
    chain = open_chain()
    chain.page.keyboard.press("Tab")
    expect(chain.get_by_role("radio", name="layer 1")).to_be_focused()
    chain.page.keyboard.press("ArrowRight")
    expect(chain.get_by_role("radio", name="layer 2")).to_be_checked()
    for key in ["Tab", "ArrowLeft"]:
        chain.page.keyboard.press(key)
    expect(chain.get_by_role("slider", name="kernel_size")).to_have_value("4")
    assert sizes(chain)[1] == ("13", "28")
    tab_to(chain, chain.get_by_role("button", name="add a layer")).press("Enter")
    assert len(sizes(chain)) == 4
    tab_to(chain, chain.get_by_role("button", name="remove layer 3")).press("Space")
    assert len(sizes(chain)) == 3
    tab_to(chain, chain.get_by_role("button", name="reset")).press("Enter")
    tab_to(chain, chain.get_by_role("button", name="find output_padding")).press("Enter")
    expect(chain.get_by_role("status")).to_have_text("It ends at 64 × 64, as wanted.")


def tab_to(chain, what):
    """Presses Tab until the focus is there, or reports that it does not come there."""
    for _ in range(80):
        if what.evaluate("element => element === document.activeElement"):
            return chain.page.keyboard
        chain.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {what}")


@pytest.mark.parametrize(("language", "scheme", "width"), SURROUNDINGS)
def test_axe_finds_no_violation_in_the_chapter(open_page, language, scheme, width):
    page = open_page(f"book/{language}/02-transposed-convolution", color_scheme=scheme, width=width, height=844)
    wake(page)
    chain = page.locator("[data-ready] .aebook-chain")
    chain.evaluate(ALONE)
    for number in (0, 4):
        chain.get_by_role("spinbutton", name="output_padding").fill(f"{number}")
        assert violations(chain) == []
    assert chain.evaluate("root => /[가-힣]/.test(root.innerText)") == (language == "ko")


@pytest.mark.parametrize("language", FALLBACK)
@pytest.mark.parametrize("width", [390, 320])
def test_it_fits_a_phone_and_its_picture_stays_in_sight_while_its_sliders_move(open_chain, language, width):
    layers = [[1, 1, 0, 0, 1, 1024]] * 8
    chain = open_chain(language, {"layers": layers}, viewport={"width": width, "height": 844})
    chain.page.add_style_tag(content="body { margin: 16px 16px 900px }")
    assert chain.page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    last = chain.get_by_role("slider").last
    last.evaluate("slider => slider.scrollIntoView({ block: 'center' })")
    box = chain.locator(".maps").bounding_box()
    assert 0 <= box["y"] < box["y"] + box["height"] < last.bounding_box()["y"]


@pytest.mark.parametrize("language", FALLBACK)
def test_both_languages_have_the_same_words(language):
    folder = DecoderChain.folder
    keys = [
        re.findall(r"^ {2,4}(\w+):", (folder / f"words.{one}.js").read_text(encoding="utf-8"), re.MULTILINE)
        for one in (language, "en")
    ]
    assert keys[0] == keys[1] and len(keys[0]) > 15
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js") if "words" not in path.name)
    outer = re.findall(r"^  (\w+):", (folder / "words.en.js").read_text(encoding="utf-8"), re.MULTILINE)
    assert [key for key in outer if not re.search(rf"words\.{key}\b", source)] in (
        [],
        ["target", "copy", "copied"],
    )


def test_the_place_holds_the_whole_state(open_chain):
    place = DecoderChain(target=63)._repr_mimebundle_()[0]["text/html"]
    state = json.loads(re.search('data-state="(.*?)"', place)[1].replace("&quot;", '"'))
    assert state["layers"] == [[5, 2, 0, 0, 1, 32], [5, 2, 0, 0, 1, 16], [5, 2, 0, 0, 1, 1]]
    assert (state["target"], state["input_size"]) == (63, 5)
