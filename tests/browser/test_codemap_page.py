"""CodeMap in pages without Jupyter: what it draws is what PyTorch decodes, wherever its point is moved."""

import re

import numpy as np
import pytest
import torch
from axe import violations
from playwright.sync_api import expect
from serving import serving
from touch import swipe
from waking import wake

from aebook import CodeMap, data, nets, trained
from aebook.widgets import spec as specs

# What a page of the book brings along.
GROUND = ":root { color-scheme: light dark; } body { background: light-dark(white, black); }"
SHEET = (specs.WIDGETS / "lib" / "tokens.css").read_text(encoding="utf-8") + GROUND
NAMES = {"linear": "pca-2", "nonlinear": "page-stacked-2", "variational": "sampling-vae-2"}
SURROUNDINGS = [("en", "light", 1280), ("en", "dark", 390), ("ko", "light", 390), ("ko", "dark", 1280)]
# The ink of a canvas, 0 to 255, row by row.
INK = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3)"


@pytest.fixture
def open_map(open_widgets):
    """A function that opens a page with the widget alone, from the disk, and gives its root."""

    def open_map(query="", language="en", address=None, width=1280, book="plain", **options):
        place = CodeMap(language=language, book=book)._repr_mimebundle_()[0]["text/html"]
        viewport = {"width": width, "height": 900}
        page = open_widgets(place, language, query, address, viewport=viewport, **options)
        page.add_style_tag(content=SHEET)
        wake(page)
        return page.locator(".aebook-codemap")

    return open_map


def settled(root, name):
    expect(root).to_have_attribute("data-settled", name, timeout=90_000)


def half(name, part):
    return nets.unpacked(trained.net(NAMES[name], part).read_bytes())


def code_of(page):
    """The code that the page's address says."""
    expect(page).to_have_url(re.compile(r"codemap\.code="))
    found = re.search(r"codemap\.code=\[(.*?)\]", page.url)
    return [float(number) for number in found[1].split(",")]


@torch.no_grad()
@pytest.mark.parametrize("name", NAMES)
def test_what_is_drawn_and_the_nearest_digit_are_pytorchs(open_map, name):
    digits, encoder, decoder = data.mnist(train=False), half(name, "encoder"), half(name, "decoder")
    codes = encoder((digits.images[:1000] / 17).round() / 15)
    for place in ([0.25, 0.3], [0.6, 0.8], [0.02, 0.97]):
        low, high = (np.array(trained.packed()[NAMES[name]]["codes"][end]) for end in ("low", "high"))
        code = [float(f"{number:.4g}") for number in low + np.array(place) * (high - low)]
        query = f"?codemap.model=%22{name}%22&codemap.code={code}".replace(" ", "")
        root = open_map(query, book="variational" if name == "variational" else "plain")
        settled(root, name)
        wanted = decoder(torch.tensor([code])).flatten().clamp(0, 1) * 255
        shown = torch.tensor(root.locator(".drawn").evaluate(INK), dtype=torch.float)
        assert (shown - wanted).abs().max() <= 0.5 + 255e-4
        nearest = (codes - torch.tensor(code)).square().sum(1).argmin()
        expect(root.locator("figure b").nth(1)).to_have_text(f"a {digits.labels[nearest]}")


def test_the_point_goes_where_the_pointer_draws_it_and_a_link_opens_it_again(open_map):
    root = open_map("?codemap.model=%22linear%22")
    settled(root, "linear")
    box, mouse = root.locator(".map").bounding_box(), root.page.mouse
    mouse.move(box["x"] + 50, box["y"] + 60)
    mouse.down()
    mouse.move(box["x"] + 300, box["y"] + 100, steps=5)
    mouse.up()
    code, text = code_of(root.page), root.locator("figure b").first.inner_text()
    facts = trained.packed()["pca-2"]["codes"]
    low, high = np.array(facts["low"]), np.array(facts["high"])
    place = np.array([300, box["height"] - 100]) / box["width"]
    assert np.allclose(
        code, (low + high) / 2 + (place - 0.5) * 1.16 * (high - low), atol=0.02 * (high - low).max()
    )
    again = open_map(root.page.evaluate("location.search"))
    settled(again, "linear")
    assert again.locator("figure b").first.inner_text() == text


@pytest.mark.parametrize(
    ("book", "names", "about"),
    [("plain", ("linear", "nonlinear"), "page-stacked-2"), ("variational", ("nonlinear", "variational"), "VAE")],
)
def test_of_the_books_models_those_stand_there_that_are_asked_for_and_no_other_is_loaded(
    open_map, book, names, about
):
    root = open_map(book=book, language="ko")
    settled(root, "nonlinear")
    assert [radio.get_attribute("value") for radio in root.get_by_role("radio").all()] == list(names)
    asked = root.page.evaluate("Object.keys(aebookBytes)")
    loaded = {path.removeprefix("weights/").partition(".")[0] for path in asked if "coder" in path}
    assert loaded == {NAMES[name] for name in names}
    root.get_by_role("radio").last.check()
    settled(root, names[-1])
    expect(root.locator("details")).to_contain_text(about)


def test_everything_can_be_done_with_keys_alone(open_map):
    root = open_map()
    settled(root, "nonlinear")
    point, keyboard = root.locator("figure b").first, root.page.keyboard
    first = point.inner_text()
    root.locator(".map").focus()
    keyboard.press("Shift+ArrowRight")
    expect(point).not_to_have_text(first)
    keyboard.press("Shift+ArrowLeft")
    keyboard.press("ArrowUp")
    keyboard.press("Home")
    expect(point).to_have_text(first)
    keyboard.press("Tab")
    keyboard.press("ArrowLeft")
    settled(root, "linear")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(root.get_by_role("checkbox", name="a 0")).not_to_be_checked()
    expect(root.page).to_have_url(re.compile(r"codemap\.hidden=\[0\]"))


def test_classes_that_are_switched_off_are_not_drawn_and_not_nearest(open_map):
    root = open_map("?codemap.hidden=[0,1,2,3,4,5,6,7,8,9]")
    settled(root, "nonlinear")
    ink = """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
        .data.some(byte => byte)"""
    assert root.locator("canvas.points").evaluate(ink) is False
    expect(root.locator("figure b").nth(1)).to_have_text("none shown")
    root.get_by_role("checkbox", name="a 7").check()
    assert root.locator("canvas.points").evaluate(ink) is True
    expect(root.locator("figure b").nth(1)).to_have_text("a 7")


def test_a_finger_moves_the_point_and_the_page_does_not_scroll(open_map):
    root = open_map(width=390, has_touch=True, is_mobile=True)
    settled(root, "nonlinear")
    page, point = root.page, root.locator("figure b").first
    root.evaluate("root => (root.style.marginBlock = '300px 2000px')")
    root.locator(".map").scroll_into_view_if_needed()
    box, before = root.locator(".map").bounding_box(), page.evaluate("scrollY")
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    seen = {point.inner_text()}
    for way in ((0, -80), (90, 0), (-60, 60)):
        swipe(page, middle, way)
        expect(page).to_have_url(re.compile(r"codemap\.code="))
        seen.add(point.inner_text())
    assert len(seen) == 4 and page.evaluate("scrollY") == before
    root.locator(".segments label").first.tap()
    settled(root, "linear")
    swipe(page, (195, 890), (0, -300))  # elsewhere a finger scrolls as ever
    page.wait_for_function("before => scrollY > before + 50", arg=before)


@pytest.mark.parametrize(("language", "scheme", "width"), SURROUNDINGS)
def test_axe_finds_no_violation(open_map, tmp_path, language, scheme, width):
    with serving(tmp_path) as address:  # from the disk it may not read the style sheets
        root = open_map("", language, address, width, color_scheme=scheme)
        settled(root, "nonlinear")
        root.locator("summary").click()
        assert violations(root) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_fits_a_small_phone(open_map, language):
    root = open_map("", language, width=320)
    root.locator("summary").click()
    assert root.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert root.evaluate("root => /[가-힣]/.test(root.innerText)") == (language == "ko")


def test_it_works_under_the_policy(open_map, tmp_path, policy):
    with serving(tmp_path, {"Content-Security-Policy": policy}) as address:
        settled(open_map(address=address), "nonlinear")


def test_a_picture_and_a_sentence_stand_where_no_script_runs_or_the_weights_do_not_come(browser, open_map):
    page = open_map().page
    for options, kept in (({"java_script_enabled": False}, None), ({}, "no")):
        other = browser.new_context(**options).new_page()
        other.route("**/weights/*", lambda route: route.abort())
        other.goto(page.url.partition("?")[0])
        place = other.locator("[data-aebook-widget]")
        if kept:
            expect(place).to_have_attribute("data-ready", kept)
        expect(place).to_contain_text("A map of all codes")
        expect(place.locator("svg")).to_be_visible()
        other.context.close()
