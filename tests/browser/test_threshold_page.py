"""Threshold in pages without Jupyter: hits, false alarms and curve are those of the scores that it carries."""

import re

import numpy as np
import pytest
import thresholds
from axe import violations
from playwright.sync_api import expect
from serving import serving
from sklearn.metrics import roc_auc_score
from waking import wake

from aebook import Threshold
from aebook.widgets import spec as specs

# What a page of the book brings along.
GROUND = ":root { color-scheme: light dark; } body { background: light-dark(white, black); }"
SHEET = (specs.WIDGETS / "lib" / "tokens.css").read_text(encoding="utf-8") + GROUND
SURROUNDINGS = [("en", "light", 1280), ("en", "dark", 390), ("ko", "light", 390), ("ko", "dark", 1280)]
COUNTS = re.compile(r"(\d+)% \((\d+) of (\d+)\)")


@pytest.fixture(scope="module")
def carried():
    return thresholds.scores()


@pytest.fixture
def open_threshold(open_widgets):
    """A function that opens a page with the widget alone, from the disk, and gives its root."""

    def open_threshold(query="", language="en", address=None, width=1280, **options):
        place = Threshold(language=language)._repr_mimebundle_()[0]["text/html"]
        viewport = {"width": width, "height": 900}
        page = open_widgets(place, language, query, address, viewport=viewport, **options)
        page.add_style_tag(content=SHEET)
        wake(page)
        return page.locator(".aebook-threshold")

    return open_threshold


def settled(root, kind, score="error"):
    expect(root).to_have_attribute("data-settled", f"{kind} {score}")


def shown(root, name):
    """The share, the count and the number of all that the page says."""
    found = COUNTS.fullmatch(root.locator(f"dd.{name}").inner_text().replace(",", ""))
    return [int(part) for part in found.groups()]


def pair(carried, kind, score):
    familiar = carried["familiar"].get(kind, carried["familiar"]["all"])[score]
    return familiar.double().numpy(), carried["unfamiliar"][kind][score].double().numpy()


@pytest.mark.parametrize(
    ("kind", "score"), [("without-1", "error"), ("mirrored", "neighbours"), ("blank", "error_by_variance")]
)
def test_what_is_shown_is_counted_in_the_scores(open_threshold, carried, kind, score):
    usual, new = pair(carried, kind, score)
    for threshold in np.quantile(np.r_[usual, new], [0.2, 0.7]):
        # Between two scores, so that their 16 bits cannot matter.
        threshold = float(f"{threshold:.6g}")
        query = f"?threshold.kind=%22{kind}%22&threshold.score=%22{score}%22&threshold.threshold=[{threshold}]"
        root = open_threshold(query)
        settled(root, kind, score)
        for name, scores in (("hits", new), ("alarms", usual)):
            share, count, every = shown(root, name)
            assert every == len(scores) and abs(count - (scores > threshold).sum()) <= 0.02 * every
            assert abs(share - 100 * count / every) <= 0.5
        area = roc_auc_score(np.r_[np.zeros(len(usual)), np.ones(len(new))], np.r_[usual, new])
        assert abs(float(root.locator("dd.area").inner_text()) - area) <= 0.0051


def test_at_first_one_familiar_image_in_twenty_raises_the_alarm(open_threshold):
    root = open_threshold()
    settled(root, "without-2")
    assert shown(root, "alarms")[0] == 5


def test_the_threshold_goes_where_the_pointer_draws_it_and_a_link_opens_it_again(open_threshold):
    root = open_threshold("?threshold.kind=%22mirrored%22")
    settled(root, "mirrored")
    before = shown(root, "hits")[1]
    box, mouse = root.locator(".histograms").bounding_box(), root.page.mouse
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60)
    mouse.down()
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 90, steps=4)
    line = root.locator("line.threshold").bounding_box()
    assert abs(line["x"] - box["x"] - 0.3 * box["width"]) < 3
    mouse.up()
    expect(root.page).to_have_url(re.compile(r"threshold\.threshold=\[0\.\d+\]"))
    assert shown(root, "hits")[1] > before
    again = open_threshold(root.page.evaluate("location.search"))
    settled(again, "mirrored")
    assert [shown(again, name) for name in ("hits", "alarms")] == [
        shown(root, name) for name in ("hits", "alarms")
    ]


def test_the_point_lies_on_the_curve(open_threshold):
    root = open_threshold()
    settled(root, "without-2")
    for key in ("ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowRight"):
        root.locator("input[type=range]").press(key)
        centre = [float(root.locator("circle.point").get_attribute(name)) for name in ("cx", "cy")]
        points = [
            tuple(map(float, at.split(","))) for at in root.locator(".curve").get_attribute("points").split()
        ]
        assert min(abs(x - centre[0]) + abs(y - centre[1]) for x, y in points) < 0.2


# How far the middle of the slider's thumb, which is 16 pixels wide, is from the line in the histograms.
APART = """root => {
    const [thumb, line] = ["input[type=range]", "line.threshold"].map(name => root.querySelector(name));
    const [track, drawn] = [thumb, line].map(element => element.getBoundingClientRect());
    return track.left + 8 + (track.width - 16) * thumb.value / thumb.max - drawn.left - drawn.width / 2;
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_the_sliders_thumb_stands_under_the_line(open_threshold, width):
    root = open_threshold(width=width)
    settled(root, "without-2")
    for place in ("0.1", "0.5", "0.9"):
        root.locator("input[type=range]").evaluate(
            "(slider, place) => { slider.value = place * slider.max; slider.dispatchEvent(new Event('input')); }",
            place,
        )
        assert abs(root.evaluate(APART)) < 1


def test_everything_can_be_done_with_keys_alone(open_threshold):
    root = open_threshold()
    settled(root, "without-2")
    slider, keyboard = root.locator("input[type=range]"), root.page.keyboard
    first = slider.input_value()
    slider.focus()
    keyboard.press("Shift+ArrowLeft")
    expect(slider).to_have_value(str(int(first) - 10))
    keyboard.press("ArrowRight")
    expect(slider).to_have_value(str(int(first) - 9))
    keyboard.press("Home")
    expect(slider).to_have_value(first)
    keyboard.press("Tab")
    keyboard.press("ArrowRight")
    settled(root, "without-1")
    keyboard.press("Tab")
    keyboard.press("ArrowRight")
    settled(root, "without-1", "neighbours")
    expect(root.page).to_have_url(re.compile(r"threshold\.kind=.*without-1.*threshold\.score="))
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"hits \d+%, false alarms \d+%"))


@pytest.mark.parametrize(("language", "scheme", "width"), SURROUNDINGS)
def test_axe_finds_no_violation(open_threshold, tmp_path, language, scheme, width):
    with serving(tmp_path) as address:  # from the disk it may not read the style sheets
        root = open_threshold("", language, address, width, color_scheme=scheme)
        settled(root, "without-2")
        root.locator("summary").click()
        assert violations(root) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_fits_a_small_phone(open_threshold, language):
    root = open_threshold("", language, width=320)
    settled(root, "without-2")
    root.locator("summary").click()
    assert root.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert root.evaluate("root => /[가-힣]/.test(root.innerText)") == (language == "ko")


def test_it_works_under_the_policy(open_threshold, tmp_path, policy):
    with serving(tmp_path, {"Content-Security-Policy": policy}) as address:
        settled(open_threshold(address=address), "without-2")


def test_a_picture_and_a_sentence_stand_where_no_script_runs_or_the_scores_do_not_come(browser, open_threshold):
    page = open_threshold().page
    for options, kept in (({"java_script_enabled": False}, None), ({}, "no")):
        other = browser.new_context(**options).new_page()
        other.route("**/scores.bin.js", lambda route: route.abort())
        other.goto(page.url.partition("?")[0])
        place = other.locator("[data-aebook-widget]")
        if kept:
            expect(place).to_have_attribute("data-ready", kept)
        expect(place).to_contain_text("Two histograms of a score")
        expect(place.locator("svg")).to_be_visible()
        other.context.close()
