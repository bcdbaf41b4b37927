"""Drawing in pages without Jupyter: what it shows beside PyTorch on the packed weights, and every way to draw."""

import base64
import json
import re

import numpy as np
import pytest
import torch
from axe import violations
from harness import SHEET, hold
from playwright.sync_api import expect
from serving import serving
from touch import swipe

from aebook import data, nets, trained
from aebook.widgets import spec as specs

SPEC = specs.read(specs.WIDGETS / "drawing")
MODELS = ("linear-20", "page-stacked-20", "light-20")
LINEAR, STACKED, CONVOLUTIONAL = range(3)
# All that a view shows, once it has settled: greys of the pictures, from 0 (paper) to 255, and the texts.
READ = """root => {
    const data = canvas => canvas.getContext("2d").getImageData(0, 0, 28, 28).data;
    const greys = canvas => [...data(canvas)].filter((_, at) => at % 4 === 3);
    const text = (lane, name) => lane.querySelector(name).textContent;
    return {
        seen: greys(root.querySelector(".seen")),
        lanes: [...root.querySelectorAll(".lane")].map(lane => ({
            again: greys(lane.querySelector(".again")),
            error: Number(text(lane, "b")),
            place: Number(text(lane, ".place").match(/\\d+/)[0]),
            code: text(lane, ".told"),
            bars: lane.querySelector(".bars path:last-child").getAttribute("d").split("z").length - 1,
        })),
    };
}"""
WAIT = """async root => {
    while (!root.dataset.settled) await new Promise(requestAnimationFrame);
}"""
SET = f"""async (root, states) => {{
    const all = [];
    for (const state of states) {{
        for (const [name, value] of Object.entries(state)) held.set(name, value);
        await ({WAIT})(root);
        all.push(({READ})(root));
    }}
    return all;
}}"""


def read(root):
    """What a view shows when it has come to rest."""
    root.evaluate(WAIT)
    return root.evaluate(READ)


@pytest.fixture
def open_drawing(open_widgets):
    """A function that opens a page with Drawing in it, in that state, from the disk."""

    def open_drawing(language="en", theme="light", after="", **options):
        state = {name: value for name, value in options.items() if name in SPEC.settings}
        others = {name: value for name, value in options.items() if name not in SPEC.settings}
        sheet = f"<style>{SHEET} html {{ color-scheme: {theme}; background: var(--paper); }}</style>"
        page = open_widgets(sheet + specs.mount_point(SPEC, state, language) + after, language, **others)
        page.evaluate("document.documentElement.classList.add('aebook')")
        expect(page.locator("[data-aebook-widget]")).to_have_attribute("data-ready", "yes", timeout=20_000)
        page.locator(".aebook-drawing").evaluate(WAIT)
        return page

    return open_drawing


def drawing_of(page):
    return page.locator(".aebook-drawing").first


@pytest.fixture(scope="module")
def halves():
    """PyTorch's encoder and decoder of each packed model."""
    return [
        [nets.unpacked(trained.net(name, half).read_bytes()) for half in ("encoder", "decoder")] for name in MODELS
    ]


@torch.no_grad()
def require_pytorchs(shown, halves):
    """Every picture, error, place and code that is shown, of what the models see, is PyTorch's."""
    seen = torch.tensor([each["seen"] for each in shown]).reshape(-1, 1, 28, 28) / 255
    for number, (name, (encoder, decoder)) in enumerate(zip(MODELS, halves, strict=True)):
        codes = encoder(seen)
        again = decoder(codes)
        errors, table = (again - seen).square().flatten(1).mean(1), torch.tensor(trained.packed()[name]["errors"])
        for at, each in enumerate(shown):
            lane = each["lanes"][number]
            assert abs(lane["error"] - errors[at].item()) < 1e-4
            near = (errors[at] - 1e-6, errors[at] + 1e-6)
            assert lane["place"] in [int((table[1:] < error).sum()) for error in near]
            greys = again[at].clamp(0, 1).flatten() * 255
            assert (torch.tensor(lane["again"]) - greys).abs().max() < 0.53  # rounded to whole greys
            told = [float(number.replace("−", "-")) for number in lane["code"].split(": ")[1].split(", ")]
            assert (torch.tensor(told) - codes[at]).abs().max() < 0.051 and lane["bars"] == 20


def as_text(image):
    return base64.urlsafe_b64encode(image.numpy().tobytes()).decode().rstrip("=")


def test_what_is_shown_of_200_test_digits_is_pytorchs(open_drawing, halves):
    digits = data.mnist(train=False).images[:200]
    root = hold(open_drawing(), "drawing")
    shown = root.evaluate(SET, [{"digit": -1, "pixels": as_text(digit)} for digit in digits])
    assert [each["seen"] for each in shown] == digits.flatten(1).tolist()
    require_pytorchs(shown, halves)


NUMBERS = """async ([images, codes]) => {
    const blob = new Blob([aebookModules["loader.js"]], { type: "text/javascript" });
    const { load } = await import(URL.createObjectURL(blob));
    const { packed, numbersOf } = await load(aebookModules, "lib/models.js");
    const { meanSquaredError } = await load(aebookModules, "lib/errors.js");
    const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const weights = async name => bytesOf(aebookBytes[`weights/${name}`]);
    const results = [];
    for (const name of ["linear-20", "page-stacked-20", "light-20"]) {
        const model = await packed(name, weights);
        const each = images.map(image => {
            const pixels = numbersOf(image), code = model.encode(pixels), again = model.decode(code);
            return [[...code], [...again], meanSquaredError(again, pixels)];
        });
        results.push([each, codes.map(code => [...model.decode(code)])]);
    }
    return results;
}"""


@torch.no_grad()
def test_codes_reconstructions_and_errors_are_pytorchs_to_a_ten_thousandth(open_drawing, halves):
    images = data.mnist(train=False).images[200:400].flatten(1)
    codes = torch.randn(200, 20, generator=torch.Generator().manual_seed(0)) * 3
    found = open_drawing().evaluate(NUMBERS, [images.tolist(), codes.tolist()])
    pixels = images.reshape(-1, 1, 28, 28) / 255
    for (encoder, decoder), (each, decoded) in zip(halves, found, strict=True):
        made, again = encoder(pixels), decoder(encoder(pixels))
        errors = (again - pixels).square().flatten(1).mean(1)
        expected = [made, again.flatten(1), errors, decoder(codes).flatten(1)]
        given = [torch.tensor(part) for part in (*map(list, zip(*each, strict=True)), decoded)]
        for one, other in zip(given, expected, strict=True):
            assert (one - other).abs().max() <= 1e-4 * max(1, other.abs().max())
            assert len(one) == 200


def draw(page, points):
    """A stroke by the mouse, through points of the pad from 0 to 1."""
    box = page.locator(".pad").first.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def test_what_is_shown_of_100_drawings_by_pointer_is_pytorchs(open_drawing, halves):
    chance, page, shown = np.random.default_rng(6), open_drawing(digit=-1), []
    root = drawing_of(page)
    for _ in range(100):
        root.get_by_role("button", name="blank page").evaluate("button => button.click()")
        for _ in range(chance.integers(1, 3)):
            draw(page, chance.uniform(0.1, 0.9, 2) + chance.uniform(-0.1, 0.1, (6, 2)).cumsum(0).clip(-0.5, 0.5))
        shown.append(read(root))
    assert len({tuple(each["seen"]) for each in shown}) == 100
    assert all(sum(each["seen"]) > 1000 for each in shown)
    require_pytorchs(shown, halves)


SEVEN = [[(0.2, 0.2), (0.5, 0.2), (0.8, 0.2), (0.65, 0.5), (0.5, 0.8)], [(0.4, 0.5), (0.7, 0.5)]]


def test_a_link_reopens_the_same_drawing_with_all_that_was_done_to_it(open_drawing):
    page = open_drawing()
    root = drawing_of(page)
    for stroke in SEVEN:
        draw(page, stroke)
    root.locator("summary").click()
    for name in ("mirror", "left", "down", "down", "add noise", "rub out a piece", "invert"):
        root.get_by_role("button", name=name, exact=True).click()
    before = read(root)
    for setting in ("strokes", "mirror", "right=-1", "down=2", "noise=1", "rub=1", "invert"):
        expect(page).to_have_url(re.compile(rf"drawing\.{setting}"))
    assert len(page.url) < 1000
    again = open_drawing(query=page.evaluate("location.search"))
    assert read(drawing_of(again)) == before
    again.get_by_role("button", name="undo").wait_for()
    expect(again.get_by_role("button", name="undo")).to_be_disabled()


def test_the_first_stroke_replaces_the_digit_and_undo_brings_everything_back(open_drawing):
    page = open_drawing(digit=3)
    root = drawing_of(page)
    states = [read(root)]
    for stroke in SEVEN:
        draw(page, stroke)
        states.append(read(root))
    root.get_by_role("radio", name="a 5 from the test digits").check()
    states.append(read(root))
    root.get_by_role("button", name="blank page").click()
    states.append(read(root))
    assert not any(states[-1]["seen"]) and len({tuple(state["seen"]) for state in states}) == 5
    expect(root.locator(".hint")).to_be_visible()
    for state in states[-2::-1]:
        root.get_by_role("button", name="undo").click()
        assert read(root) == state
    expect(root.get_by_role("button", name="undo")).to_be_disabled()
    expect(root.get_by_role("radio", name="a 3 from the test digits")).to_be_checked()


def test_a_drawing_off_centre_is_seen_in_the_middle(open_drawing):
    page = open_drawing()
    root, images = drawing_of(page), []
    for shift in (0, 0.5):
        root.get_by_role("button", name="blank page").click()
        draw(page, [(x * 0.4 + shift, y * 0.4 + shift) for x, y in SEVEN[0]])
        images.append(np.array(read(root)["seen"]).reshape(28, 28))
    assert np.abs(images[0] - images[1]).max() < 60 and images[0].max() == 255
    centre = (images[0].sum(0) * np.arange(28)).sum() / images[0].sum()
    assert 13 < centre < 15


def test_what_is_drawn_is_drawn_again_before_the_pointer_is_lifted(open_drawing):
    page = open_drawing(digit=-1)
    root, box = drawing_of(page), page.locator(".pad").bounding_box()
    blank = read(root)
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 160)
    during = read(root)
    assert during["seen"] != blank["seen"]
    assert all(one["again"] != other["again"] for one, other in zip(during["lanes"], blank["lanes"], strict=True))
    page.mouse.up()
    after = read(root)
    assert after["seen"] == during["seen"]
    for one, other in zip(during["lanes"], after["lanes"], strict=True):
        assert [one[part] for part in ("again", "error", "place")] == [
            other[part] for part in ("again", "error", "place")
        ]


def test_everything_can_be_done_by_keyboard_alone(open_drawing):
    page = open_drawing(digit=3)
    root, first = drawing_of(page), None
    page.keyboard.press("Tab")
    expect(root.locator(".pad")).to_be_focused()
    first = read(root)
    for key in [
        "Shift+ArrowUp",
        "Space",
        *["ArrowDown"] * 20,
        "Space",
        "Shift+ArrowRight",
        "Enter",
        "Shift+ArrowUp",
        "Enter",
    ]:
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"drawing\.strokes=%22[\w-]+\.[\w-]+%22"))
    drawn = read(root)
    assert drawn["seen"] != first["seen"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(root.get_by_role("radio", name="a 0 from the test digits")).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(root.get_by_role("radio", name="a 1 from the test digits")).to_be_checked()
    page.keyboard.press("Tab")
    expect(root.get_by_role("button", name="undo")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Enter")
    assert read(root) == drawn
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(root.get_by_role("button", name="mirror")).to_be_focused()
    page.keyboard.press("Space")
    expect(root.get_by_role("button", name="mirror")).to_have_attribute("aria-pressed", "true")
    assert np.array_equal(np.reshape(read(root)["seen"], (28, 28)), np.reshape(drawn["seen"], (28, 28))[:, ::-1])


FAR = '<div style="height: 3000px"></div>'


def test_a_finger_draws_and_the_page_does_not_scroll(open_drawing):
    options = {"has_touch": True, "viewport": {"width": 390, "height": 600}}
    page = open_drawing(digit=-1, after=FAR, **options)
    box = page.locator(".pad").bounding_box()
    swipe(page, (box["x"] + box["width"] / 2, box["y"] + box["height"] - 20), (0, -120))
    assert np.sum(read(drawing_of(page))["seen"]) > 2000
    assert page.evaluate("scrollY") == 0
    swipe(page, (195, 580), (0, -200))  # elsewhere a finger scrolls as ever
    page.wait_for_function("scrollY > 50")


def test_on_a_phone_segments_choose_the_model(open_drawing):
    page = open_drawing(viewport={"width": 390, "height": 844})
    root, canvases = drawing_of(page), page.locator(".again")
    visible = lambda: [canvas.is_visible() for canvas in canvases.all()]  # noqa: E731
    assert visible() == [False, False, True]
    root.get_by_role("radio", name="linear").check()
    assert visible() == [True, False, False]
    expect(page).to_have_url(re.compile("drawing.shown=%22linear-20%22"))
    page.set_viewport_size({"width": 1280, "height": 844})
    assert visible() == [True] * 3


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing_and_nothing_sticks_out(open_drawing, tmp_path, language, theme, width):
    with serving(tmp_path) as address:
        page = open_drawing(language, theme, address=address, viewport={"width": width, "height": 844})
        require_good_form(page, width)


def require_good_form(page, width):
    root = drawing_of(page)
    root.locator("details").evaluate("details => details.open = true")
    assert violations(root) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    small = """root => [...root.querySelectorAll("button, summary, label")].filter(one => one.checkVisibility())
        .filter(one => one.offsetHeight < 44 || one.offsetWidth < 44).map(one => one.outerHTML)"""
    assert width == 320 or root.evaluate(small) == []


@pytest.mark.parametrize("guarded", [False, True])
def test_it_is_alive_over_http_too_and_under_the_policy(open_drawing, tmp_path, policy, guarded):
    with serving(tmp_path, {"Content-Security-Policy": policy} if guarded else {}) as address:
        page = open_drawing(address=address)
        draw(page, SEVEN[0])
        assert sum(read(drawing_of(page))["seen"]) > 2000


def test_without_weights_a_picture_and_a_sentence_stand_there(browser, tmp_path, open_drawing):
    open_drawing()
    page = browser.new_page()
    page.route("**/light-20.decoder.js", lambda route: route.abort())
    page.goto(f"{tmp_path.as_uri()}/page.html")
    place = page.locator("[data-aebook-widget]")
    expect(place).to_have_attribute("data-ready", "no")
    expect(place.locator("svg")).to_be_visible()
    expect(place).to_contain_text(SPEC.fallback["en"])
    page.close()


def test_without_script_a_picture_and_a_sentence_stand_there(browser, tmp_path, open_drawing):
    open_drawing()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{tmp_path.as_uri()}/page.html")
    expect(page.locator("[data-aebook-widget] svg")).to_be_visible()
    expect(page.get_by_text(SPEC.fallback["en"])).to_be_visible()
    context.close()


DARKEST = """() => {
    const data = [...document.querySelectorAll(".again")].at(-1).getContext("2d").getImageData(0, 0, 28, 28).data;
    const alphas = [...data].filter((_, at) => at % 4 === 3), at = 4 * alphas.indexOf(Math.max(...alphas));
    return [...data.slice(at, at + 3)];
}"""


def test_when_the_theme_changes_the_ink_does(open_drawing):
    page = open_drawing(theme="light dark", color_scheme="light")
    assert max(page.evaluate(DARKEST)) < 60
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"Math.min(...({DARKEST})()) > 200")


WORDS = """async () => {
    const blob = new Blob([aebookModules["loader.js"]], { type: "text/javascript" });
    const { load } = await import(URL.createObjectURL(blob));
    const words = (await load(aebookModules, `drawing/words.${document.documentElement.lang}.js`)).default;
    const shape = value => typeof value === "object" ? Object.entries(value).map(([key, one]) => [key, shape(one)])
        : typeof value === "function" ? value.length : typeof value;
    return JSON.stringify(shape(words));
}"""


def test_the_words_of_both_languages_have_the_same_keys_and_take_the_same(open_drawing):
    korean, english = (json.loads(open_drawing(language).evaluate(WORDS)) for language in ("ko", "en"))
    assert korean == english and len(korean) > 20
