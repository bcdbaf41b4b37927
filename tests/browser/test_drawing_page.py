"""Drawing in pages without Jupyter: what it shows beside PyTorch on the packed weights, and every way to draw."""

import base64
import json
import re

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

SPEC = specs.read(specs.WIDGETS / "drawing")
MODELS = ("linear-20", "page-stacked-20", "light-20")
BOOKS = {"plain": MODELS, "denoising": (*MODELS, "denoiser")}
LINEAR, STACKED, CONVOLUTIONAL = range(3)
# All that a view shows, once it has settled: greys of the pictures, from 0 (paper) to 255, and the texts.
READ = """root => {
    const data = canvas => canvas.getContext("2d").getImageData(0, 0, 28, 28).data;
    const greys = canvas => [...data(canvas)].filter((_, at) => at % 4 === 3);
    const text = (lane, name) => lane.querySelector(name).textContent;
    return {
        seen: greys(root.querySelector(".seen")),
        caption: text(root, ".as-seen"),
        lanes: [...root.querySelectorAll(".lane")].map(lane => ({
            again: greys(lane.querySelector(".again")),
            error: Number(text(lane, "b")),
            place: Number(text(lane, ".place").match(/(\\d+)%/)?.[1] ?? NaN), // NaN arrives as None
            said: text(lane, ".place"),
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
    (shown,) = told(root, SET, [{}])
    return shown


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
        [nets.unpacked(trained.net(name, half).read_bytes()) for half in ("encoder", "decoder")]
        for name in BOOKS["denoising"]
    ]


@torch.no_grad()
def require_pytorchs(shown, halves, wanted=None, sigma=0.0):
    """Every picture, error, place and code that is shown, of what the models see, is PyTorch's.

    Errors are from ``wanted``, (N, 1, 28, 28), or from what is seen; there is a place where the model's own errors
    are those under noise of ``sigma``.
    """
    seen = torch.tensor([each["seen"] for each in shown]).reshape(-1, 1, 28, 28) / 255
    count = len(shown[0]["lanes"])
    assert count in (3, 4)
    for number, (name, (encoder, decoder)) in enumerate(
        zip(BOOKS["denoising"][:count], halves[:count], strict=True)
    ):
        codes, known = encoder(seen), trained.packed()[name]
        again, table = decoder(codes), torch.tensor(known["errors"])
        errors = (again - (seen if wanted is None else wanted)).square().flatten(1).mean(1)
        for at, each in enumerate(shown):
            lane = each["lanes"][number]
            assert abs(lane["error"] - errors[at].item()) < 1e-4
            near = (errors[at] - 1e-6, errors[at] + 1e-6)
            if known.get("sigma", 0) == sigma:
                assert lane["place"] in [int((table[1:] < error).sum()) for error in near]
            else:
                assert lane["place"] is None
            greys = again[at].clamp(0, 1).flatten() * 255
            assert (torch.tensor(lane["again"]) - greys).abs().max() < 0.53  # rounded to whole greys
            told = [float(number.replace("−", "-")) for number in lane["code"].split(": ")[1].split(", ")]
            assert (torch.tensor(told) - codes[at]).abs().max() < 0.051
            assert lane["bars"] == known["code_size"]


def as_text(image):
    return base64.urlsafe_b64encode(image.numpy().tobytes()).decode().rstrip("=")


@pytest.mark.parametrize("book", BOOKS)
def test_what_is_shown_of_200_test_digits_is_pytorchs(open_drawing, halves, book):
    digits = data.mnist(train=False).images[:200]
    root = hold(open_drawing(book=book), "drawing", {"book": book})
    shown = told(root, SET, [{"digit": -1, "pixels": as_text(digit)} for digit in digits])
    assert [each["seen"] for each in shown] == digits.flatten(1).tolist()
    assert {len(each["lanes"]) for each in shown} == {len(BOOKS[book])}
    require_pytorchs(shown, halves)


@pytest.mark.parametrize(("helpings", "sigma"), [(1, 0.4), (4, 0.8)])
def test_under_noise_errors_are_from_the_drawing_and_the_caption_says_that_of_doing_nothing(
    open_drawing, halves, helpings, sigma
):
    digits = data.mnist(train=False).images[:50]
    root = hold(open_drawing(book="denoising"), "drawing", {"book": "denoising"})
    states = [{"digit": -1, "pixels": as_text(digit), "noise": helpings} for digit in digits]
    shown = told(root, SET, states)
    seen = torch.tensor([each["seen"] for each in shown]).reshape(-1, 1, 28, 28)
    require_pytorchs(shown, halves, digits / 255, sigma)
    nothing = ((seen - digits.float()) / 255).square().flatten(1).mean(1)
    for each, error in zip(shown, nothing.tolist(), strict=True):
        assert f"noise of {sigma:.2f}: " in each["caption"]
        assert abs(float(each["caption"].split(": ")[1].split()[0]) - error) < 1e-4
        assert all(lane["said"].startswith("from the clean drawing") for lane in each["lanes"])
    ours, *others = ([each["lanes"][number]["error"] for each in shown] for number in (3, 0, 1, 2))
    assert max(map(np.mean, others)) < nothing.mean()
    assert 1.4 * np.mean(ours) < min(map(np.mean, others))


def test_without_a_denoiser_errors_stay_those_of_what_the_models_see(open_drawing, halves):
    root = hold(open_drawing(), "drawing")
    shown = told(root, SET, [{"digit": 4, "noise": helpings} for helpings in (1, 2, 3)])
    require_pytorchs(shown, halves)
    assert {each["caption"] for each in shown} == {"as the models see it"}


@pytest.mark.parametrize("book", BOOKS)
def test_of_the_books_models_those_stand_there_that_are_asked_for_and_no_other_is_loaded(open_drawing, book):
    page = open_drawing(book=book)
    asked = page.evaluate("Object.keys(aebookBytes)")
    halves = {path.removeprefix("weights/").rpartition(".")[0] for path in asked if "coder" in path}
    assert halves == set(BOOKS[book])
    root = drawing_of(page)
    assert root.locator(".lane .name").all_inner_texts() == [
        trained.packed()[name]["kind"] for name in BOOKS[book]
    ]
    root.locator("summary").click()
    about = root.locator(".facts li").all_inner_texts()
    for said, name in zip(about, BOOKS[book], strict=True):
        known = trained.packed()[name]
        origin = "chapter 7" if name == "denoiser" else f"row {name}"
        for word in (origin, f"{known['parameters']:,}", known["precision"], f"{known['test_error']:.4f}"):
            assert word in said


NUMBERS = """async (_, [images, models]) => {
    const blob = new Blob([aebookModules["loader.js"]], { type: "text/javascript" });
    const { load } = await import(URL.createObjectURL(blob));
    const { packed, numbersOf } = await load(aebookModules, "lib/models.js");
    const { meanSquaredError } = await load(aebookModules, "lib/errors.js");
    const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const weights = async name => bytesOf(aebookBytes[`weights/${name}`]);
    const results = [];
    for (const [name, codes] of models) {
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
    generator, names = torch.Generator().manual_seed(0), BOOKS["denoising"]
    sizes = [trained.packed()[name]["code_size"] for name in names]
    chosen = [torch.randn(200, size, generator=generator) * 3 for size in sizes]
    asked = [images.tolist(), [[name, codes.tolist()] for name, codes in zip(names, chosen, strict=True)]]
    found = told(drawing_of(open_drawing(book="denoising")), NUMBERS, asked)
    pixels = images.reshape(-1, 1, 28, 28) / 255
    for (encoder, decoder), codes, (each, decoded) in zip(halves, chosen, found, strict=True):
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


@pytest.mark.parametrize("book", BOOKS)
def test_what_is_shown_of_100_drawings_by_pointer_is_pytorchs(open_drawing, halves, book):
    chance, shown, noisy = np.random.default_rng(6), [], []
    page = open_drawing(digit=-1, book=book, viewport={"width": 600, "height": 500})  # quicker to paint
    root = drawing_of(page)
    for _ in range(100):
        root.get_by_role("button", name="blank page").evaluate("button => button.click()")
        for _ in range(chance.integers(1, 3)):
            draw(page, chance.uniform(0.1, 0.9, 2) + chance.uniform(-0.1, 0.1, (4, 2)).cumsum(0))
        shown.append(read(root))
        if book == "denoising":
            root.get_by_role("button", name="add noise").evaluate("button => button.click()")
            noisy.append(read(root))
    assert len({tuple(each["seen"]) for each in shown}) == 100
    assert all(sum(each["seen"]) > 1000 for each in shown)
    require_pytorchs(shown, halves)
    if noisy:
        drawn = torch.tensor([each["seen"] for each in shown]).reshape(-1, 1, 28, 28) / 255
        require_pytorchs(noisy, halves, drawn, 0.4)


SEVEN = [[(0.2, 0.2), (0.5, 0.2), (0.8, 0.2), (0.65, 0.5), (0.5, 0.8)], [(0.4, 0.5), (0.7, 0.5)]]


@pytest.mark.parametrize("book", BOOKS)
def test_a_link_reopens_the_same_drawing_with_all_that_was_done_to_it(open_drawing, book):
    page = open_drawing(book=book)
    root = drawing_of(page)
    for stroke in SEVEN:
        draw(page, stroke)
    root.locator("summary").click()
    for name in ("mirror", "left", "down", "down", "add noise", "rub out a piece", "invert"):
        root.get_by_role("button", name=name, exact=True).click()
    before = read(root)
    for setting in ("strokes", "mirror", "right=-1", "down=2", "noise=1", "rub=1", "invert"):
        expect(page).to_have_url(re.compile(rf"drawing\.{setting}"))
    assert len(page.url) < 1000 and "book" not in page.url
    again = open_drawing(query=page.evaluate("location.search"), book=book)
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


def test_noise_comes_and_goes_by_keyboard_alone_and_is_told(open_drawing):
    page = open_drawing(book="denoising", digit=3)
    root, clean = drawing_of(page), read(drawing_of(page))
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(root.get_by_role("button", name="add noise")).to_be_focused()
    page.keyboard.press("Enter")
    noisy = read(root)
    assert noisy["seen"] != clean["seen"]
    expect(root.get_by_role("img", name="under noise of 0.40")).to_be_visible()
    expect(root.get_by_role("status").last).to_contain_text(
        f"denoising: error {noisy['lanes'][3]['error']:.4f} from the clean drawing, "
        f"worse than {noisy['lanes'][3]['place']}% of the 10,000 equally noisy test digits"
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert read(root) == clean


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


@pytest.mark.parametrize("book", BOOKS)
def test_on_a_phone_segments_choose_the_model(open_drawing, book):
    page, others = open_drawing(book=book, viewport={"width": 390, "height": 844}), len(BOOKS[book]) - 1
    root, canvases = drawing_of(page), page.locator(".again")
    visible = lambda: [canvas.is_visible() for canvas in canvases.all()]  # noqa: E731
    assert visible() == [*[False] * others, True]
    root.get_by_role("radio", name="linear").check()
    assert visible() == [True, *[False] * others]
    expect(page).to_have_url(re.compile("drawing.shown=%22linear-20%22"))
    page.set_viewport_size({"width": 1280, "height": 844})
    assert visible() == [True] * (others + 1)
    tops = canvases.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1, "side by side"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("state", [{}, {"book": "denoising", "noise": 1}], ids=BOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(open_drawing, tmp_path, language, theme, width, state):
    with serving(tmp_path) as address:
        size = {"width": width, "height": 844}
        page = open_drawing(language, theme, address=address, viewport=size, **state)
        require_good_form(page, width)


def require_good_form(page, width):
    root = drawing_of(page)
    root.locator("details").evaluate("details => details.open = true")
    assert violations(root) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    small = """root => [...root.querySelectorAll("button, summary, label")].filter(one => one.checkVisibility())
        .filter(one => one.offsetHeight < 44 || one.offsetWidth < 44).map(one => one.outerHTML)"""
    assert width == 320 or root.evaluate(small) == []


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("guarded", [False, True])
def test_it_is_alive_over_http_too_and_under_the_policy(open_drawing, tmp_path, policy, guarded, book):
    with serving(tmp_path, {"Content-Security-Policy": policy} if guarded else {}) as address:
        page = open_drawing(address=address, book=book)
        draw(page, SEVEN[0])
        assert sum(read(drawing_of(page))["seen"]) > 2000


@pytest.mark.parametrize("book", BOOKS)
def test_without_weights_a_picture_and_a_sentence_stand_there(browser, tmp_path, open_drawing, book):
    open_drawing(book=book)
    page = browser.new_page()
    page.route(f"**/{BOOKS[book][-1]}.decoder.js", lambda route: route.abort())
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
