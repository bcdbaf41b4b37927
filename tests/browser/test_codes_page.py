"""Codes in pages without Jupyter: what decoders draw beside PyTorch's, sliders, walks, codes by chance."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from axe import violations
from harness import SHEET, hold, told
from playwright.sync_api import expect
from serving import serving
from touch import swipe

from aebook import data, nets, trained
from aebook.widgets import spec as specs

SPEC = specs.read(specs.WIDGETS / "codes")
MODELS = ("linear-20", "page-stacked-20", "light-20")
GREYS = (
    """canvas => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3)"""
)
WAIT = """async root => {
    while (!root.dataset.settled) await new Promise(requestAnimationFrame);
}"""
# The three pictures for each state that is set.
SET = f"""async (root, states) => {{
    const all = [];
    for (const state of states) {{
        for (const [name, value] of Object.entries(state)) held.set(name, value);
        await ({WAIT})(root);
        all.push([...root.querySelectorAll(".drawn")].map({GREYS}));
    }}
    return all;
}}"""


@pytest.fixture
def open_codes(open_widgets):
    """A function that opens a page with Codes in it, in that state, from the disk."""

    def open_codes(language="en", theme="light", **options):
        state = {name: value for name, value in options.items() if name in SPEC.settings}
        others = {name: value for name, value in options.items() if name not in SPEC.settings}
        sheet = f"<style>{SHEET} html {{ color-scheme: {theme}; background: var(--paper); }}</style>"
        page = open_widgets(sheet + specs.mount_point(SPEC, state, language), language, **others)
        page.evaluate("document.documentElement.classList.add('aebook')")
        expect(page.locator("[data-aebook-widget]")).to_have_attribute("data-ready", "yes", timeout=20_000)
        page.locator(".aebook-codes").evaluate(WAIT)
        return page

    return open_codes


def codes_of(page):
    return page.locator(".aebook-codes").first


def pictures(root):
    """The greys of the models' pictures, once they have settled."""
    root.evaluate(WAIT)
    return root.locator(".drawn").evaluate_all(f"all => all.map({GREYS})")


@pytest.fixture(scope="module")
def halves():
    """PyTorch's encoder and decoder of each packed model."""
    return [
        [nets.unpacked(trained.net(name, half).read_bytes()) for half in ("encoder", "decoder")] for name in MODELS
    ]


def digit_of(digit):
    images, labels = data.mnist(train=False)
    return images[(labels == digit).nonzero()[0]] / 255


def require_near(shown, images):
    """Greys that are shown are those numbers, rounded to whole greys."""
    assert (torch.tensor(shown) - images.clamp(0, 1).flatten(1) * 255).abs().max() < 0.53


@torch.no_grad()
def test_what_is_drawn_of_200_codes_is_pytorchs(open_codes, halves):
    root = hold(open_codes(), "codes")
    for number, (name, (_, decoder)) in enumerate(zip(MODELS, halves, strict=True)):
        spread = torch.tensor(trained.packed()[name]["codes"]["std"])
        codes = torch.randn(67, 20, generator=torch.Generator().manual_seed(number)) * spread * 1.5
        shown = told(root, SET, [{"model": name, "code": code.tolist()} for code in codes])
        require_near([each[number] for each in shown], decoder(codes))


@torch.no_grad()
def test_every_model_walks_from_one_digits_code_to_anothers(open_codes, halves):
    root = hold(open_codes(), "codes")
    parts = [0, 0.25, 0.5, 1]
    shown = told(root, SET, [{"digit": 2, "to": 7, "part": part} for part in parts])
    for number, (encoder, decoder) in enumerate(halves):
        one, other = encoder(digit_of(2)), encoder(digit_of(7))
        expected = decoder(torch.cat([one + (other - one) * part for part in parts]))
        require_near([each[number] for each in shown], expected)


def test_a_slider_moves_the_picture_of_the_chosen_model_alone_and_home_brings_it_back(open_codes):
    page = open_codes()
    root = codes_of(page)
    for way, name in (("principal directions", "direction 1"), ("single numbers", "number 2")):
        root.get_by_role("radio", name=way).check()
        slider, before = root.get_by_role("slider", name=name), pictures(root)
        for _ in range(20):
            slider.press("ArrowRight")
        after = pictures(root)
        assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False]
        slider.press("Home")
        assert np.abs(np.subtract(pictures(root), before)).max() <= 2  # a code is kept to three decimals


# Where the middle of each mark is on its thumb's way, whose ends lie half a thumb, 8 pixels, within the track.
MARKS = """all => all.map(mark => {
    const [{ left, width }, track] = [mark, mark.parentElement].map(element => element.getBoundingClientRect());
    return (left + width / 2 - track.left - 8) / (track.width - 16);
})"""


def test_a_slider_goes_over_three_standard_deviations_and_its_mark_shows_the_digits_place(open_codes, halves):
    root = codes_of(open_codes(along="numbers"))
    facts = trained.packed()["light-20"]["codes"]
    with torch.no_grad():
        code = halves[2][0](digit_of(3))[0]
    places = (code - torch.tensor(facts["mean"])) / torch.tensor(facts["std"])
    root.locator("details").evaluate_all("all => all.forEach(details => details.open = true)")
    marks = root.locator(".track i").evaluate_all(MARKS)
    assert np.allclose(marks, (places.clamp(-3, 3) + 3) / 6, atol=0.005) and len(marks) == 20
    values = root.locator(".track input").evaluate_all("all => all.map(input => input.valueAsNumber)")
    assert np.allclose(values, places.clamp(-3, 3), atol=0.03)


@pytest.mark.parametrize(("button", "source"), [("N(0, 1)", "normal"), ("as real ones are", "codes")])
def test_codes_by_chance_give_every_model_another_picture_each_time(open_codes, button, source):
    page = open_codes()
    root, seen = codes_of(page), []
    for _ in range(3):
        root.get_by_role("button", name=button).click()
        seen.append(pictures(root))
    assert len({tuple(picture) for each in seen for picture in each}) == 9
    expect(page).to_have_url(re.compile(f"codes.source=%22{source}%22&codes.seed=3"))


@pytest.mark.parametrize(
    ("only", "name"),
    [("linear", "linear-20"), ("stacked", "page-stacked-20"), ("variational", "sampling-vae-20")],
)
def test_where_one_model_is_asked_for_it_alone_is_loaded_and_shown(open_codes, only, name):
    page = open_codes(only=only)
    root = codes_of(page)
    asked = page.evaluate("Object.keys(aebookBytes)")
    assert {path for path in asked if "." in path and "json" not in path and "weights" in path} == {
        f"weights/{name}.{half}" for half in ("encoder", "decoder")
    }
    encoder, decoder = (nets.unpacked(trained.net(name, half).read_bytes()) for half in ("encoder", "decoder"))
    with torch.no_grad():
        require_near(pictures(root), decoder(encoder(digit_of(3))))
    assert root.get_by_role("radio", name=only).count() == 0
    before = pictures(root)
    root.get_by_role("slider", name="direction 1").press("PageUp")
    assert pictures(root) != before
    expect(root).to_contain_text("Move them.")


def tab_to(root, role, name, **which):
    """Presses Tab until it is there."""
    wanted = root.get_by_role(role, name=name, **which)
    for _ in range(40):
        root.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return wanted
    raise AssertionError(f"Tab does not come to {name}")


def test_everything_can_be_done_by_keyboard_alone(open_codes):
    page = open_codes(digit=3)
    root, keyboard, seen = codes_of(page), page.keyboard, []

    def press(*keys):
        for key in keys:
            keyboard.press(key)
        seen.append(pictures(root))

    seen.append(pictures(root))
    page.keyboard.press("Tab")
    expect(root.get_by_role("radio", name="convolutional")).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(root.get_by_role("radio", name="stacked")).to_be_checked()
    tab_to(root, "radio", "a 3 from the test digits")
    press("ArrowRight")
    expect(root.get_by_role("radio", name="a 4 from the test digits")).to_be_checked()
    tab_to(root, "combobox", "walk to")
    keyboard.press("7")
    tab_to(root, "slider", "how far on the way")
    press("ArrowRight")
    tab_to(root, "button", "play")
    keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"codes\.to=7.*codes\.part=1|codes\.part=1.*codes\.to=7"), timeout=20_000)
    press()
    tab_to(root, "button", "a code by chance, N(0, 1)")
    press("Enter")
    tab_to(root, "button", "as real ones are")
    press("Enter")
    tab_to(root, "button", "difference to the start")
    keyboard.press("Enter")
    expect(root.locator(".apart").first).to_be_visible()
    tab_to(root, "radio", "principal directions")
    keyboard.press("ArrowRight")
    slider = tab_to(root, "slider", "number 1", exact=True)
    press("ArrowLeft", "ArrowLeft")
    press("Home")
    assert all(one != other for one, other in pairwise(seen))
    assert np.abs(np.subtract(seen[-1], seen[-3])).max() <= 2, "Home is where the slider was"
    for _ in range(6):
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(root.get_by_role("slider", name="number 20")).to_be_visible()
    expect(slider).to_be_visible()


def test_a_finger_moves_sliders_and_elsewhere_it_scrolls(open_codes):
    page = open_codes(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    root, before = codes_of(page), pictures(codes_of(page))
    root.evaluate("root => (root.style.marginBlockEnd = '2000px')")
    slider = root.get_by_role("slider", name="direction 1")
    slider.scroll_into_view_if_needed()
    box, top, value = slider.bounding_box(), page.evaluate("scrollY"), float(slider.input_value())
    thumb = box["x"] + box["width"] * (value + 3) / 6
    swipe(page, (thumb, box["y"] + box["height"] / 2), (60, 0))
    page.wait_for_function(
        "value => Number(document.querySelector('.track input').value) > value + 0.5", arg=value
    )
    assert pictures(root) != before and page.evaluate("scrollY") == top
    root.get_by_role("button", name="as real ones are").tap()
    expect(page).to_have_url(re.compile("codes.source=%22codes%22"))
    top = page.evaluate("scrollY")
    swipe(page, (195, 600), (0, -300))
    page.wait_for_function("top => scrollY > top + 50", arg=top)


def test_a_link_reopens_the_same_pictures(open_codes):
    page = open_codes()
    root = codes_of(page)
    root.get_by_role("button", name="as real ones are").click()
    root.get_by_role("radio", name="stacked").check()
    root.get_by_role("slider", name="direction 2").fill("1.5")
    root.get_by_role("button", name="difference").click()
    before = pictures(root)
    expect(page).to_have_url(re.compile(r"codes\.code=\["))
    again = open_codes(query=page.evaluate("location.search"))
    assert pictures(codes_of(again)) == before
    expect(codes_of(again).locator(".apart").nth(1)).to_be_visible()


def test_a_walk_plays_to_its_end_and_with_less_motion_is_there_at_once(open_codes):
    for motion in ("no-preference", "reduce"):
        page = open_codes(reduced_motion=motion)
        root = codes_of(page)
        before = pictures(root)
        root.get_by_role("button", name="play").click()
        expect(page).to_have_url(re.compile(r"codes\.part=1"), timeout=20_000)
        expect(root.get_by_role("button", name="play")).to_be_visible()
        assert pictures(root) != before


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing_and_nothing_sticks_out(open_codes, tmp_path, language, theme, width):
    with serving(tmp_path) as address:
        options = {"address": address, "viewport": {"width": width, "height": 844}}
        page = open_codes(language, theme, difference=True, **options)
        root = codes_of(page)
        root.locator("details").evaluate("details => details.open = true")
        assert violations(root) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("guarded", [False, True])
def test_it_is_alive_over_http_too_and_under_the_policy(open_codes, tmp_path, policy, guarded):
    with serving(tmp_path, {"Content-Security-Policy": policy} if guarded else {}) as address:
        root = codes_of(open_codes(address=address))
        before = pictures(root)
        root.get_by_role("radio", name="a 5 from the test digits").check()
        assert pictures(root) != before


@pytest.mark.parametrize("script", [True, False])
def test_without_weights_or_script_a_picture_and_a_sentence_stand_there(browser, tmp_path, open_codes, script):
    open_codes()
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.route("**/light-20.decoder.js", lambda route: route.abort())
    page.goto(f"{tmp_path.as_uri()}/page.html")
    place = page.locator("[data-aebook-widget]")
    if script:
        expect(place).to_have_attribute("data-ready", "no")
    expect(place.locator("svg")).to_be_visible()
    expect(place).to_contain_text(SPEC.fallback["en"])
    context.close()


WORDS = """async () => {
    const blob = new Blob([aebookModules["loader.js"]], { type: "text/javascript" });
    const { load } = await import(URL.createObjectURL(blob));
    const words = (await load(aebookModules, `codes/words.${document.documentElement.lang}.js`)).default;
    const shape = value => typeof value === "object" ? Object.entries(value).map(([key, one]) => [key, shape(one)])
        : typeof value === "function" ? value.length : typeof value;
    return JSON.stringify(shape(words));
}"""


def test_the_words_of_both_languages_have_the_same_keys_and_take_the_same(open_codes):
    korean, english = (json.loads(open_codes(language).evaluate(WORDS)) for language in ("ko", "en"))
    assert korean == english and len(korean) > 15
