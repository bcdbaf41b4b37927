"""How the explorer and the chain lie on the screen: the picture first, its outcome in sight, nothing under it."""

import pytest
from contrast import contrast, drawn
from playwright.sync_api import expect
from waking import wake

PAGE = "book/{}/02-transposed-convolution"
SCREENS = [(1280, 800), (390, 844)]
UNDER_THE_HEADER = """widget => {
    const top = widget.getBoundingClientRect().top - document.querySelector(".site-header").offsetHeight;
    scrollBy({ top, behavior: "instant" });
}"""
# Where something of the focused control is drawn, and what lies there: a part of it, or of its label.
COVERED = """() => {
    const focus = document.activeElement, { left, top, width, height } = focus.getBoundingClientRect();
    const at = document.elementFromPoint(left + width / 2, top + height / 2);
    const own = at && (focus.contains(at) || at.contains(focus) || at === focus);
    return own || focus.closest("label")?.contains(at) ? null : focus.outerHTML.slice(0, 80);
}"""
CONTROLS = "button, select, input, summary, textarea, pre, td[tabindex], [tabindex='0']"


@pytest.fixture
def open_chapter(open_page):
    """A function that opens the chapter, with its widgets mounted."""

    def open_chapter(language, width, height, **options):
        page = open_page(PAGE.format(language), width=width, height=height, **options)
        wake(page)
        return page

    return open_chapter


def seen(element):
    """The part of an element that is on the screen, below the header, from 0 to 1."""
    return element.evaluate("""element => {
        const { top, bottom, height } = element.getBoundingClientRect();
        const header = document.querySelector(".site-header").offsetHeight;
        return Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, header)) / height;
    }""")


@pytest.mark.parametrize(("width", "height"), SCREENS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_under_the_header_the_output_is_in_sight_together_with_the_first_slider(
    open_chapter, language, width, height
):
    page = open_chapter(language, width, height)
    widgets = page.locator("[data-ready]")
    assert widgets.count() > 5
    for widget in widgets.all():
        widget.evaluate(UNDER_THE_HEADER)
        for part in (widget.locator(".outcome"), widget.get_by_role("slider").first):
            assert seen(part) > 0.99, widget.inner_text()[:80]


@pytest.mark.parametrize("widget", [".aebook-explorer", ".aebook-chain"])
def test_on_a_phone_the_outcome_stays_in_sight_and_never_covers_what_has_the_focus(open_chapter, widget):
    page = open_chapter("ko", 390, 844)
    root = page.locator(f"[data-ready] {widget}").last
    root.locator("summary").evaluate_all("all => all.forEach(summary => summary.parentElement.open = true)")
    root.evaluate(UNDER_THE_HEADER)
    controls = root.locator(CONTROLS)
    controls.first.focus()
    moved, covered = 0, []
    for key in ["Tab"] * controls.count() + ["Shift+Tab"] * controls.count():
        page.keyboard.press(key)
        if not root.evaluate("root => root.contains(document.activeElement)"):
            continue
        covered += filter(None, [page.evaluate(COVERED)])
        if page.evaluate("document.activeElement.matches('.process .sliders *, .outcome ~ fieldset *')"):
            assert seen(root.locator(".outcome")) > 0.99
            moved += 1
    assert covered == []
    assert moved > 15


def test_what_is_under_a_sticky_outcome_is_found(open_chapter):
    page = open_chapter("ko", 390, 844)
    root = page.locator("[data-ready] .aebook-explorer").first
    slider = root.get_by_role("slider").last
    slider.evaluate("""slider => {
        slider.focus();
        const header = document.querySelector(".site-header").offsetHeight;
        scrollBy({ top: slider.getBoundingClientRect().top - header - 20, behavior: "instant" });
    }""")
    assert "range" in page.evaluate(COVERED)


def test_before_cropping_is_there_only_where_something_is_cropped(open_chapter):
    page = open_chapter("en", 1280, 800)
    explorer = page.locator("[data-ready] .aebook-explorer").first
    canvas, tab = explorer.locator("[data-grid=canvas]"), explorer.get_by_role("radio", name="before cropping")
    for name in ("padding", "output_padding"):
        expect(canvas).to_be_hidden()
        expect(tab).to_have_count(0)
        explorer.get_by_role("slider", name=name, exact=True).press("ArrowRight")
        expect(canvas).to_be_visible()
        expect(tab).to_be_checked()
        explorer.get_by_role("slider", name=name, exact=True).press("ArrowLeft")


def test_the_hint_is_prose_and_code_is_not(open_chapter):
    explorer = open_chapter("ko", 1280, 800).locator("[data-ready] .aebook-explorer").first
    face = "element => getComputedStyle(element).fontFamily"
    assert "mono" not in explorer.locator(".trace").evaluate(face).lower()
    assert "mono" in explorer.locator("code").evaluate(face).lower()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_traced_cell_and_the_kept_edge_stand_out_from_the_strongest_colour(open_chapter, scheme):
    page = open_chapter("en", 1280, 800, color_scheme=scheme)
    explorer = page.locator("[data-ready] .aebook-explorer").nth(1)
    for look, thick in ((".mark", 3), (".extra", 2)):
        cell = explorer.locator(f"[data-grid=canvas] td{look}").first
        if look == ".mark":
            explorer.locator("[data-grid=output] td.p8").first.hover()
        pixels = drawn(cell, margin=0)
        ground = pixels[4 + thick, 4 + thick]
        assert (contrast(pixels[:, len(pixels[0]) // 2], ground) >= 3).any(), look


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_line_is_drawn_on_each_side_of_every_number(open_chapter, scheme):
    explorer = open_chapter("en", 1280, 800, color_scheme=scheme).locator("[data-ready] .aebook-explorer").first
    cells = explorer.locator("[data-grid=output] tbody td")
    for cell in (cells.first, cells.nth(1), cells.last):
        pixels = drawn(cell, margin=1)
        sides = [pixels[:3, 5], pixels[-3:, 5], pixels[5, :3], pixels[5, -3:]]
        assert [contrast(side, pixels[5, 5]).max() >= 1.5 for side in sides] == [True] * 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_edge_of_the_grids_is_shaded_where_one_can_scroll_on_and_nowhere_else(open_chapter, scheme):
    explorer = open_chapter("en", 390, 844, color_scheme=scheme).locator("[data-ready] .aebook-explorer").first
    grids, size = explorer.locator(".before"), explorer.get_by_role("slider", name="input_size", exact=True)

    def shade():
        """How far the lower edge stands apart from the ground above it, right of all grids."""
        explorer.evaluate(UNDER_THE_HEADER)
        pixels = drawn(grids, margin=0)
        return contrast(pixels[-20:, -9], pixels[-50:-30, -9].mean(axis=0)).max()

    size.press("End")
    assert shade() > 1.5
    grids.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    assert shade() == pytest.approx(1, abs=0.01)
    size.press("Home")
    assert shade() == pytest.approx(1, abs=0.01)


PAINTED = """explorer => {
    const canvas = explorer.querySelector(".grid:has([data-grid=output]) canvas");
    return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
}"""


def test_a_large_grid_takes_the_colours_of_the_theme_that_the_page_has_now(open_chapter):
    painted = {}
    for first, then in (("light", "dark"), ("dark", "light")):
        page = open_chapter("en", 1280, 800, color_scheme=first)
        explorer = page.locator("[data-ready] .aebook-explorer").first
        size = explorer.get_by_role("slider", name="input_size", exact=True)
        size.press("End")
        painted[first, "opened"] = explorer.evaluate(PAINTED)
        page.emulate_media(color_scheme=then)
        size.press("ArrowLeft")
        size.press("End")
        painted[then, "changed to"] = explorer.evaluate(PAINTED)
    assert painted["light", "opened"] == painted["light", "changed to"]
    assert painted["dark", "opened"] == painted["dark", "changed to"]
    assert painted["light", "opened"] != painted["dark", "opened"]
