"""The explorer in a page for whoever does not see it well, or has no mouse."""

import pytest
from axe import violations
from contrast import contrast, drawn
from playwright.sync_api import expect
from waking import wake

PAGE = "book/{}/02-transposed-convolution"
# Both languages, themes and widths; each pair of them meets.
SURROUNDINGS = [("en", "light", 1280), ("en", "dark", 390), ("ko", "light", 390), ("ko", "dark", 1280)]
# Takes the rest of the page away, which is not in question here: axe looks at all of it, and headers lie on top.
ALONE = """root => {
    for (let element = root; element !== document.body; element = element.parentElement) {
        for (const other of [...element.parentElement.children]) if (other !== element) other.remove();
    }
}"""
# Numbers what Tab should come to, in this order; of radio buttons it is the chosen one.
STOPS = """root => {
    const controls = [...root.querySelectorAll("button, select, input, summary, textarea, td[tabindex]")];
    const shown = controls.filter(control => control.checkVisibility());
    const stops = shown.filter(control => control.type !== "radio" || control.checked);
    stops.forEach((stop, number) => stop.dataset.stop = number);
    return stops.map(stop => `${stop.tagName} ${stop.type ?? ""} ${stop.closest("[class]").className}`);
}"""

BETWEEN_BUTTONS = """root => ["before", "after"].forEach(place => {
    root[place](Object.assign(document.createElement("button"), { id: place }));
})"""


@pytest.fixture
def open_explorer(open_page):
    """A function that opens the chapter, and gives its first explorer, alone."""

    def open_explorer(language="en", scheme="light", width=1280):
        page = open_page(PAGE.format(language), color_scheme=scheme, width=width)
        wake(page)
        explorer = page.locator("[data-ready] .aebook-explorer").first
        explorer.evaluate(ALONE)
        return explorer

    return open_explorer


def fill(explorer, name, number):
    explorer.get_by_role("spinbutton", name=name, exact=True).fill(f"{number}")


def unfold(explorer):
    explorer.locator("summary").evaluate_all("all => all.forEach(summary => summary.parentElement.open = true)")


def states(explorer):
    """Takes the explorer through its states, and names each."""
    yield "first"
    fill(explorer, "output_padding", 3)
    unfold(explorer)
    yield "refused, unfolded"
    explorer.locator("input[max='128']").first.fill("32")
    expect(explorer.locator(".found button")).to_have_count(0)
    yield "settings to read only"
    explorer.locator("input[max='128']").first.fill("7")
    fill(explorer, "output_padding", 1)
    explorer.locator("[data-grid=output] td[tabindex]").focus()
    yield "traced"
    explorer.locator(".controls").get_by_role("checkbox").check()
    # Large along one axis alone: axe takes seconds for hundreds of cells that are all alike.
    yield from views(explorer, "tall", [0, 3], {"input_size H": 16, "input_size W": 1, "kernel_size W": 1})
    yield from views(explorer, "wide", [1, 2], {"input_size H": 1, "input_size W": 16, "kernel_size H": 1})


def views(explorer, name, numbers, settings):
    """Some of the ways of seeing how the output comes about, at those settings."""
    for setting, number in settings.items():
        fill(explorer, setting, number)
    for number in numbers:
        explorer.get_by_role("radio").nth(number).check()
        yield f"{name}, view {number}"


@pytest.mark.parametrize(("language", "scheme", "width"), SURROUNDINGS)
def test_axe_finds_no_violation_in_any_state(open_explorer, language, scheme, width):
    explorer = open_explorer(language, scheme, width)
    found = [f"{state}: {line}" for state in states(explorer) for line in violations(explorer)]
    assert found == []


def test_axe_finds_what_is_wrong(open_explorer):
    explorer = open_explorer()
    explorer.evaluate("root => root.querySelector('button').style.color = '#999'")
    explorer.evaluate("root => root.querySelector('[type=range]').removeAttribute('aria-label')")
    found = violations(explorer)
    assert len(found) == 2
    assert any(line.startswith("color-contrast (serious)") and "reset" in line for line in found)
    assert any(line.startswith("label (critical)") for line in found)


def test_tab_comes_to_every_control_in_order_and_goes_on(open_explorer):
    explorer = open_explorer()
    unfold(explorer)
    explorer.get_by_role("radio").nth(1).check()
    stops, keyboard, visited = explorer.evaluate(STOPS), explorer.page.keyboard, []
    assert len(stops) > 30
    explorer.evaluate(BETWEEN_BUTTONS)
    explorer.page.locator("#before").focus()
    for _ in stops:
        keyboard.press("Tab")
        visited.append(explorer.evaluate("document.activeElement.dataset.stop"))
    assert visited == [f"{number}" for number in range(len(stops))]
    keyboard.press("Tab")
    expect(explorer.page.locator("#after")).to_be_focused()


def tab_to(explorer, what):
    """Presses Tab until the focus is on a locator's element, or reports that it does not come there."""
    for _ in range(150):
        if what.evaluate("element => element === document.activeElement"):
            return explorer.page.keyboard
        explorer.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {what}")


def test_everything_can_be_done_with_keys_alone(open_explorer):
    explorer = open_explorer()
    code, role = explorer.locator("code"), explorer.get_by_role
    first = code.inner_text()
    tab_to(explorer, role("combobox", name="example")).press("ArrowDown")
    expect(code).not_to_have_text(first)
    tab_to(explorer, role("button", name="reset")).press("Enter")
    expect(code).to_have_text(first)
    tab_to(explorer, role("slider", name="padding", exact=True)).press("ArrowRight")
    expect(code).to_contain_text("padding=1")
    tab_to(explorer, role("spinbutton", name="dilation", exact=True)).press("ArrowUp")
    expect(code).to_contain_text("dilation=2")
    tab_to(explorer, role("checkbox", name="different for H and W")).press("Space")
    tab_to(explorer, role("slider", name="kernel_size W")).press("Home")
    expect(code).to_contain_text("kernel_size=(3, 1)")
    tab_to(explorer, explorer.locator("[data-grid=output] td[tabindex]")).press("ArrowDown")
    expect(explorer.locator(".trace")).to_contain_text("output[1, 0] = ")
    tab_to(explorer, role("radio", name="before cropping")).press("ArrowRight")
    expect(role("radio", name="stamp", exact=True)).to_be_checked()
    tab_to(explorer, role("button", name="one step back")).press("Space")
    expect(explorer.locator(".counter")).to_have_text("8 of 9")
    tab_to(explorer, role("slider", name="step", exact=True)).press("Home")
    expect(explorer.locator(".counter")).to_have_text("0 of 9")
    tab_to(explorer, explorer.locator("summary").last).press("Enter")
    tab_to(explorer, explorer.locator(".found button").first).press("Enter")
    expect(role("status").first).to_have_text("output 14 × 14")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_is_seen_on_every_kind_of_control(open_explorer, scheme):
    explorer = open_explorer(scheme=scheme)
    unfold(explorer)
    explorer.get_by_role("radio").nth(1).check()
    explorer.page.keyboard.press("Tab")  # from here on a focus is one that a key gave
    explorer.evaluate("document.activeElement.blur()")
    kinds = {kind: number for number, kind in reversed(list(enumerate(explorer.evaluate(STOPS))))}
    assert len(kinds) > 10
    controls = {kind: explorer.locator(f"[data-stop='{number}']") for kind, number in kinds.items()}
    unfocused = {kind: drawn(control) for kind, control in controls.items()}  # a focused cell marks others
    for kind, control in controls.items():
        control.focus()
        changed = (contrast(unfocused[kind], drawn(control)) >= 3).sum()
        box = control.bounding_box()
        frame = 2 * 2 * (box["width"] + box["height"])  # WCAG 2.4.13: two pixels wide all around it
        assert changed > 0.9 * frame, f"{kind}: {changed} of {frame} pixels"
