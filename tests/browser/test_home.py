"""The home page of each language: on its first screen a digit drawn again by three models, and a pad."""

import gzip
import re

import pytest
from contents import NOTEBOOKS, language_of
from playwright.sync_api import expect
from waking import rest, wake

from aebook.widgets import spec as specs

FALLBACK = specs.found()["explorer"].fallback
HEAVIEST = 700_000  # bytes of a home page with all that its first reconstruction takes, gzipped
DRAWN = "[data-aebook-widget=drawing][data-ready=yes] .aebook-drawing"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_has_a_digit_drawn_again_and_a_pad_that_a_reader_draws_on(
    open_page, language, width, height
):
    page = open_page(f"book/{language}/index", width=width, height=height)
    drawing = page.locator(DRAWN)
    expect(drawing).to_have_attribute("lang", language)
    expect(drawing).to_have_attribute("data-settled", "yes")
    for part in (drawing.locator(".pad"), drawing.locator(".again").last, drawing.locator(".drawer")):
        expect(part).to_be_in_viewport(ratio=1)
    assert drawing.locator(".pad").bounding_box()["width"] >= 168
    error = drawing.locator(".lane b").last
    before, box = error.inner_text(), drawing.locator(".pad").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 120, steps=4)
    page.mouse.up()
    expect(error).not_to_have_text(before)
    expect(page).to_have_url(re.compile(r"\.html\?drawing\.digit=-1&drawing\.strokes=%22[\w-]+%22$"))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_home_page_is_light_with_all_that_its_first_reconstruction_takes(browser, served, language):
    page, parts = browser.new_context().new_page(), {}
    page.on("response", lambda response: parts.setdefault(response.url, response))
    page.goto(f"{served}/book/{language}/index.html")
    expect(page.locator(DRAWN)).to_have_attribute("data-settled", "yes")
    page.wait_for_load_state("networkidle")
    sizes = {url: len(gzip.compress(part.body(), 6)) for url, part in list(parts.items())}
    page.context.close()
    assert any("light-20.decoder" in url for url in sizes)
    assert sum(sizes.values()) <= HEAVIEST, sizes


@pytest.mark.parametrize("language", ["ko", "en"])
def test_from_the_first_paint_a_real_digit_stands_there_drawn_again(open_page, language):
    page = open_page(f"book/{language}/index", java_script_enabled=False)
    still = page.locator("[data-aebook-widget=drawing] svg")
    expect(still).to_be_in_viewport(ratio=1)
    assert still.locator("g").count() == 4
    expect(page.get_by_text(specs.found()["drawing"].fallback[language])).to_be_visible()


EMPTY = """document.querySelectorAll("[data-aebook-widget]").forEach(place => {
    delete place.dataset.ready;
    place.replaceChildren();
})"""


def places(page):
    """The height of each widget's place on the page."""
    return page.locator("[data-aebook-widget]").evaluate_all("all => all.map(one => one.offsetHeight)")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_a_widget_that_is_still_to_come_has_its_room_and_no_more_than_it_will_take(open_page, language, width):
    for name, least in {"index": 400, "02-transposed-convolution": 844}.items():
        page = open_page(f"book/{language}/{name}", width=width, height=844)
        wake(page)
        expect(page.locator("[data-aebook-widget]:not([data-ready])")).to_have_count(0)
        rest(page)
        taken = places(page)
        page.evaluate(EMPTY)
        reserved = places(page)
        assert len(taken) >= 1
        assert all(least < room <= needed for room, needed in zip(reserved, taken, strict=True))


def test_an_explorer_that_fails_leaves_its_fallback_and_gives_its_room_back(browser, served):
    page = browser.new_page()
    modules = "{ 'explorer/view.js': 'throw 1', 'explorer/spec.json': '{}' }"
    broken = f"Object.assign(window.aebookModules ??= {{}}, {modules});"
    page.route("**/widgets/explorer.js*", lambda route: route.fulfill(body=broken))
    page.goto(f"{served}/book/en/02-transposed-convolution.html")
    wake(page)
    place = page.locator("[data-aebook-widget]").first
    expect(place).to_have_attribute("data-ready", "no")
    expect(place).to_have_text(FALLBACK["en"])
    assert places(page)[0] < 400
    page.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_chapter_has_a_card_with_its_link_and_its_question(open_page, language):
    cards = open_page(f"book/{language}/index").locator(".chapter-cards > ol > li")
    parts = cards.evaluate_all("cards => cards.map(card => [...card.children].map(part => part.innerText.length))")
    assert len(parts) == len([name for name in NOTEBOOKS if language_of(name) == language])
    assert all(len(lengths) == 2 and lengths[1] > 30 for lengths in parts), parts
