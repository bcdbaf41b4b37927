"""Every page of the built book, opened from the disk as a reader would."""

import pytest
from contents import CHAPTERS, NOTEBOOKS, PAGES, in_language, language_of
from playwright.sync_api import expect
from waking import wake

PHONE = {"width": 390, "height": 844}
DRAWN = [name for name in NOTEBOOKS if name.split("/")[-1] < "04"]  # the chapters with drawings and formulas


def test_the_site_holds_the_pages_of_the_contents_and_no_other(site):
    built = {page.relative_to(site).with_suffix("").as_posix() for page in site.rglob("*.html")}
    templates = {page for page in built if page.startswith("_static/")}  # the theme's, copied by Sphinx
    assert built - templates == set(PAGES)


def test_a_page_loads_without_an_error_and_without_the_network(opened):
    wake(opened.page)
    widgets = opened.page.locator("[data-aebook-widget]").count()
    expect(opened.page.locator("[data-aebook-widget][data-ready=yes]")).to_have_count(widgets)
    assert opened.complaints == []


def test_a_page_says_its_language(opened):
    expect(opened.page.locator("html")).to_have_attribute("lang", language_of(opened.name))


def test_captions_say_what_a_figure_shows_and_have_no_number(opened):
    expect(opened.page.locator(".caption-number")).to_have_count(0)


def test_images_load_when_they_are_come_to(opened):
    sizes = opened.page.locator("img").evaluate_all(
        """all => Promise.all(all.map(async (image) => {
            image.loading = "eager";
            await image.decode();
            const { src, width, height, naturalWidth, naturalHeight } = image;
            return [src, naturalWidth, width / height - naturalWidth / naturalHeight];
        }))"""
    )
    assert [source for source, width, distorted in sizes if width == 0 or abs(distorted) > 0.02] == []
    if opened.name in NOTEBOOKS:
        assert sizes, "a chapter without a figure"


def test_drawings_are_drawn_and_have_a_name(opened):
    drawings = opened.page.locator(".drawing")
    for drawing in drawings.all():
        assert drawing.get_attribute("role") == "img"
        assert drawing.get_attribute("aria-label").strip()
        assert drawing.locator("svg").bounding_box()["height"] > 20
    if opened.name in DRAWN:
        assert drawings.count(), "a chapter without a drawing"


def test_formulas_are_laid_out_without_a_script(opened):
    opened.page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    boxes = opened.page.locator("math").evaluate_all(
        "all => all.map(math => math.getBoundingClientRect().toJSON())"
    )
    assert all(box["width"] > 1 and box["height"] > 1 for box in boxes), boxes
    scripts = opened.page.locator("script").evaluate_all("all => all.map(script => script.src + script.text)")
    unwanted = ["mathjax", "thebe", "require.min.js", "html-manager"]
    assert [script for script in scripts if any(word in script.lower() for word in unwanted)] == []
    if opened.name in DRAWN:
        assert boxes, "a chapter without a formula"


# What reaches beyond the right edge, but for what lies in a frame that scrolls.
BEYOND = """() => [...document.body.querySelectorAll("*")].filter(one => {
    for (let frame = one.parentElement; frame; frame = frame.parentElement) {
        if (frame !== document.body && getComputedStyle(frame).overflowX !== "visible") return false;
    }
    return one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 0.5;
}).map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    "width", [390, 320]
)  # 320: the narrowest phone, and a desktop's window magnified fourfold
def test_no_page_is_wider_than_a_phone(opened, width):
    page = opened.page
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    before = page.viewport_size
    page.set_viewport_size(PHONE | {"width": width})
    page.wait_for_function("width => innerWidth === width", arg=width)
    too_wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    beyond = page.evaluate(BEYOND)
    page.set_viewport_size(before)
    assert too_wide <= 0
    assert beyond == []


@pytest.mark.parametrize("name", [chapter for chapter in CHAPTERS if "/ko/" in chapter])
def test_a_section_has_the_same_id_in_both_languages(open_page, name):
    pages = [open_page(in_language(name, language)) for language in ("ko", "en")]
    korean, english = (
        page.locator("section:not([data-aebook-widget] *)").evaluate_all("all => all.map(one => one.id)")
        for page in pages
    )
    assert korean == english
    assert all(korean)
    assert korean


@pytest.mark.parametrize("name", DRAWN)
def test_drawings_change_colour_with_the_theme(open_page, name):
    page = open_page(name, color_scheme="light")
    light = drawn_colours(page)
    page.emulate_media(color_scheme="dark")
    dark = drawn_colours(page)
    assert light
    assert all(in_light != in_dark for in_light, in_dark in zip(light, dark, strict=True))


def drawn_colours(page):
    """For each drawing, the colours that its parts are filled and outlined with."""
    return page.locator(".drawing").evaluate_all(
        """drawings => drawings.map(drawing => [...drawing.querySelectorAll("svg *:not(title)")].map(part => {
            const style = getComputedStyle(part);
            return style.fill + " " + style.stroke;
        }))"""
    )


@pytest.mark.parametrize("name", DRAWN)
def test_drawings_shrink_on_a_phone_only_while_their_words_are_legible(open_page, name):
    drawings = open_page(name, **PHONE).locator(".drawing svg").all()
    assert drawings
    for drawing in drawings:
        drawn = float(drawing.get_attribute("viewBox").split()[2])
        room = drawing.evaluate("svg => svg.parentElement.clientWidth")
        assert drawing.bounding_box()["width"] == pytest.approx(min(drawn, max(room, 0.7 * drawn)), abs=1)
