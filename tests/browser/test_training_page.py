"""Training in pages without Jupyter: what it shows is what PyTorch computes, whichever way it is moved."""

import json
import re
import sys
from pathlib import Path

import pytest
from axe import violations
from playwright.sync_api import expect
from serving import serving
from waking import wake

from aebook import Training

sys.path.append(str(Path(__file__).parents[1]))
from javascript import WIDGETS, run
from test_training_widget import COURSES

# What a page of the book brings along.
TOKENS = (WIDGETS / "lib" / "tokens.css").read_text(encoding="utf-8")
SHEET = f"{TOKENS} :root {{ color-scheme: light dark; }} body {{ background: light-dark(white, black); }}"
BEST = json.loads((WIDGETS / "training" / "pca.json").read_text(encoding="utf-8"))
# Both languages, themes and widths; each pair of them meets.
SURROUNDINGS = [("en", "light", 1280), ("en", "dark", 390), ("ko", "light", 390), ("ko", "dark", 1280)]


@pytest.fixture
def open_training(open_widgets):
    """A function that opens a page with the widget alone, from the disk, and gives its root."""

    def open_training(query="", language="en", address=None, width=1280, **options):
        place = Training(language=language)._repr_mimebundle_()[0]["text/html"]
        viewport = {"width": width, "height": 844}
        page = open_widgets(place, language, query, address, viewport=viewport, **options)
        page.add_style_tag(content=SHEET)
        wake(page)
        return page.locator(".aebook-training")

    return open_training


def at_step(training, steps):
    """Waits until it pauses there."""
    expect(training).to_have_attribute("data-steps", f"{steps}", timeout=60_000)
    expect(training).to_have_attribute("data-goes-on", "false")


def numbers(training):
    """The numbers that it shows: steps, training error, test error."""
    return training.locator("dd b").all_inner_texts()


def course(folder, steps, **changes):
    """What the arithmetic gives, which is held to PyTorch's, by the short recipe with changes."""
    recipe = {"codeSize": 20, "batchSize": 256, "optimizer": "adam", "learningRate": 2e-4, "seed": 0, **changes}
    return run(folder, "training/course.js", [{"recipe": recipe, "steps": steps}], COURSES)[0]


def test_what_is_shown_is_what_the_arithmetic_gives(open_training, tmp_path):
    query = "?training.learning_rate=0.002&training.code_size=9&training.batch_size=100&training.seed=3"
    training = open_training(f"{query}&training.steps=45")
    at_step(training, 45)
    wanted = course(tmp_path, 45, learningRate=2e-3, codeSize=9, batchSize=100, seed=3)
    loss = sum(wanted["losses"][-40:]) / 40  # an epoch
    assert numbers(training) == ["45", f"{loss:.4f}", f"{wanted['seen']['testError']:.4f}"]
    best = [f"PCA {BEST[part][9]:.4f}" for part in ("training", "test")]
    assert training.locator("dd span").all_inner_texts() == ["epoch 1.1", *best]
    assert training.locator("canvas.weight").count() == 9
    shown = [float(text) for text in training.locator(".pair span").all_inner_texts()]
    assert len(shown) == 10 and sum(shown) / 10 == pytest.approx(ten_errors(wanted), abs=1e-4)


def ten_errors(wanted):
    """The mean error of the ten test digits."""
    import digits as tool
    import numpy as np

    from aebook import data

    greys = tool.greys(data.mnist(False).images[:10]).reshape(10, -1) / 15
    return float(((np.array(wanted["seen"]["pictures"]).reshape(10, -1) - greys) ** 2).mean())


def test_it_starts_pauses_goes_one_step_and_begins_anew(open_training):
    training = open_training()
    at_step(training, 0)
    first = numbers(training)
    training.get_by_role("button", name="one step").click()
    at_step(training, 1)
    training.get_by_role("button", name="go on").click()
    expect(training.get_by_role("button", name="one step")).to_be_disabled()
    training.get_by_role("button", name="pause").click()
    expect(training).to_have_attribute("data-goes-on", "false")
    assert int(training.get_attribute("data-steps")) > 1
    training.get_by_role("button", name="from the beginning").click()
    at_step(training, 0)
    assert numbers(training) == first
    expect(training.get_by_role("button", name="start")).to_be_enabled()


def test_the_same_settings_end_at_the_same_numbers_whether_they_pause_or_not(open_training):
    by_link = open_training("?training.steps=40")
    at_step(by_link, 40)
    by_steps = open_training("?training.steps=37")
    at_step(by_steps, 37)
    for steps in (38, 39, 40):
        by_steps.get_by_role("button", name="one step").click()
        at_step(by_steps, steps)
    assert numbers(by_link) == numbers(by_steps)
    curves = [each.locator("polyline.now").get_attribute("points") for each in (by_link, by_steps)]
    assert curves[0] == curves[1] and len(curves[0].split()) == 40


def test_the_better_learning_rate_comes_near_to_pca_and_the_run_before_stays_to_be_seen(open_training):
    training = open_training("?training.steps=150")
    at_step(training, 150)
    short = float(numbers(training)[2])
    training.get_by_text("0.002, ten times that").click()
    at_step(training, 0)
    expect(training.locator("polyline.before")).to_have_count(1)
    training.get_by_role("button", name="start").click()
    training.page.wait_for_function("document.querySelector('[data-steps]').dataset.steps >= 600", timeout=90_000)
    training.get_by_role("button", name="pause").click()
    expect(training).to_have_attribute("data-goes-on", "false")
    better = float(numbers(training)[2])
    assert better < 1.1 * BEST["test"][20] < short


def test_a_link_opens_the_same_state_again(open_training):
    training = open_training()
    training.locator("summary").click()
    training.get_by_role("slider", name="code size").fill("3")
    training.get_by_role("radio", name="SGD").check()
    training.get_by_role("button", name="one step").click()
    at_step(training, 1)
    expect(training.page).to_have_url(re.compile(r"training\.steps=1$|training\.steps=1&"))
    query = training.page.evaluate("location.search")
    again = open_training(query)
    at_step(again, 1)
    assert numbers(again) == numbers(training)
    assert again.locator("canvas.weight").count() == 4
    again.locator("summary").click()
    expect(again.get_by_role("radio", name="SGD")).to_be_checked()


@pytest.mark.parametrize(("button", "steps"), [("one step", 1), ("start", 100)])
def test_a_button_may_be_pressed_before_the_worker_has_told_of_a_new_course(open_training, button, steps):
    training = open_training("?training.pause_every=100")
    training.locator("summary").click()
    handle = training.get_by_role("button", name=button).element_handle()
    # Promises alone are waited for: what the worker says would come after them.
    press = "async (radio, button) => { radio.click(); for (let i = 0; i < 9; i++) await null; button.click(); }"
    training.get_by_role("radio", name="SGD").evaluate(press, handle)
    at_step(training, steps)


def test_steps_that_are_too_long_are_said_in_a_sentence(open_training):
    training = open_training("?training.optimizer=%22sgd%22&training.learning_rate=100&training.steps=400")
    expect(training.locator(".sentence")).to_contain_text("grows without end", timeout=60_000)
    expect(training.get_by_role("button", name="from the beginning")).to_be_enabled()
    expect(training.get_by_role("button", name="pause")).to_have_count(0)


@pytest.mark.parametrize(("language", "scheme", "width"), SURROUNDINGS)
def test_axe_finds_no_violation_in_any_state(open_training, tmp_path, language, scheme, width):
    with serving(tmp_path) as address:  # from the disk it may not read the style sheets
        training = open_training("?training.steps=20", language, address, width, color_scheme=scheme)
        at_step(training, 20)
        assert violations(training) == []
        training.locator("summary").click()
        training.locator(".segments").first.get_by_role("radio").nth(1).check()
        at_step(training, 0)
        assert violations(training) == []


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("code_size", [20, 64])
def test_it_fits_a_small_phone(open_training, language, code_size):
    training = open_training(f"?training.code_size={code_size}&training.steps=3", language, width=320)
    at_step(training, 3)
    training.locator("summary").click()
    assert training.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert training.evaluate("root => /[가-힣]/.test(root.innerText)") == (language == "ko")
    small = training.locator("button, summary, .segments label, input[type=range]").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height).filter(height => height < 44)"
    )
    assert small == []


def test_everything_can_be_done_with_keys_alone(open_training):
    training = open_training()
    at_step(training, 0)
    keyboard = training.page.keyboard

    def tab_to(role, name):
        wanted = training.get_by_role(role, name=name)
        for _ in range(20):
            keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab does not come to {name}")

    tab_to("button", "one step")
    keyboard.press("Enter")
    at_step(training, 1)
    tab_to("radio", "0.0002")
    keyboard.press("ArrowRight")
    at_step(training, 0)
    expect(training.get_by_role("radio", name="0.002, ten")).to_be_checked()
    training.locator("summary").focus()
    keyboard.press("Enter")
    tab_to("slider", "code size")
    keyboard.press("ArrowLeft")
    expect(training.locator("canvas.weight")).to_have_count(19)
    keyboard.press("Shift+ArrowLeft")
    expect(training.locator("canvas.weight")).to_have_count(9)
    keyboard.press("Home")
    expect(training.locator("canvas.weight")).to_have_count(20)


def test_a_finger_starts_and_pauses_it(open_training):
    training = open_training(width=390, has_touch=True, is_mobile=True)
    at_step(training, 0)
    training.get_by_role("button", name="start").tap()
    training.get_by_role("button", name="pause").tap()
    expect(training).to_have_attribute("data-goes-on", "false")
    training.get_by_text("0.002, ten times that").tap()
    at_step(training, 0)


def test_it_works_under_the_policy(open_training, tmp_path, policy):
    with serving(tmp_path, {"Content-Security-Policy": policy}) as address:
        training = open_training("?training.steps=5", address=address)
        at_step(training, 5)


def test_a_picture_and_a_sentence_stand_where_no_script_runs_or_the_digits_do_not_come(browser, open_training):
    training = open_training()
    at_step(training, 0)
    page = training.page
    for options, kept in (({"java_script_enabled": False}, None), ({}, "no")):
        other = browser.new_context(**options).new_page()
        other.route("**/digits.bin.js", lambda route: route.abort())
        other.goto(page.url.partition("?")[0])
        place = other.locator("[data-aebook-widget]")
        if kept:
            expect(place).to_have_attribute("data-ready", kept)
        expect(place).to_contain_text("PCA's error, dashed")
        expect(place.locator("svg")).to_be_visible()
        other.context.close()
