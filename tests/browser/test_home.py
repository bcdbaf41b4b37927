"""The home page of each language: an explorer on its first screen, alive, that a reader turns at once."""

import re

import pytest
from playwright.sync_api import expect
from waking import wake

from aebook.widgets import spec as specs

FALLBACK = specs.found()["explorer"].fallback


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_has_a_stride_that_makes_the_output_grow(open_page, language, width, height):
    page = open_page(f"book/{language}/index", width=width, height=height)
    explorer = page.locator("[data-aebook-widget][data-ready=yes] .aebook-explorer")
    expect(explorer).to_have_attribute("lang", language)
    stride = explorer.get_by_role("slider", name="stride", exact=True)
    expect(stride).to_be_in_viewport(ratio=1)
    expect(explorer.get_by_role("status")).to_contain_text("5 × 5")
    stride.press("ArrowRight")
    expect(explorer.get_by_role("status")).to_contain_text("7 × 7")
    expect(page).to_have_url(re.compile(r"\.html\?explorer\.stride=2$"))


EMPTY = """document.querySelectorAll("[data-aebook-widget]").forEach(place => {
    delete place.dataset.ready;
    place.replaceChildren();
})"""


def places(page):
    """The height of each explorer's place on the page."""
    return page.locator("[data-aebook-widget]").evaluate_all("all => all.map(one => one.offsetHeight)")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_an_explorer_that_is_still_to_come_has_its_room_and_no_more_than_it_will_take(open_page, language, width):
    for name in ("index", "02-transposed-convolution"):
        page = open_page(f"book/{language}/{name}", width=width, height=844)
        wake(page)
        expect(page.locator("[data-aebook-widget]:not([data-ready])")).to_have_count(0)
        taken = places(page)
        page.evaluate(EMPTY)
        reserved = places(page)
        assert len(taken) >= 1
        assert all(844 < room <= needed for room, needed in zip(reserved, taken, strict=True))


def test_an_explorer_that_fails_leaves_its_fallback_and_gives_its_room_back(browser, served):
    page = browser.new_page()
    broken = "Object.assign(window.aebookModules, { 'explorer/view.js': 'throw 1', 'explorer/spec.json': '{}' });"
    page.route("**/widgets/explorer.js*", lambda route: route.fulfill(body=broken))
    page.goto(f"{served}/book/en/index.html")
    expect(page.locator("[data-aebook-widget]")).to_have_attribute("data-ready", "no")
    expect(page.locator("[data-aebook-widget]")).to_have_text(FALLBACK["en"])
    assert places(page)[0] < 400
    page.close()
