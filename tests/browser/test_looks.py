"""What a page has to look like for everybody: no code cut off on a desk, captions, and targets for a finger."""

import re

import pytest
from contents import CHAPTERS, NOTEBOOKS, language_of

CLIPPED = """() => [...document.querySelectorAll("article pre")]
    .map(one => [one.scrollWidth - one.clientWidth, one.innerText])
    .filter(([beyond]) => beyond > 0)"""
SMALL = """() => [...document.querySelectorAll("header :is(a, button), #menu :is(a, input), .copy, summary")]
    .filter(one => one.checkVisibility() && !one.closest("[data-aebook-widget]"))
    .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .map(([html, box]) => [html, box.width, box.height])"""


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_code_and_no_output_is_cut_off_on_a_desk(open_page, name):
    page = open_page(name, width=1280)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.locator("article pre").count() > 10
    assert page.evaluate(CLIPPED) == []
    page.evaluate("document.querySelector('article pre').append('x'.repeat(90))")
    assert len(page.evaluate(CLIPPED)) == 1


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_figure_has_a_caption_in_the_language_of_the_page(open_page, name):
    captions = (
        open_page(name)
        .locator(".cell_output img")
        .evaluate_all(
            "all => all.map(one => one.closest('figure')?.querySelector('figcaption')?.textContent ?? '')"
        )
    )
    assert captions
    assert [bool(re.search("[가-힣]", caption)) for caption in captions] == [language_of(name) == "ko"] * len(
        captions
    )
    assert all(len(caption.strip()) > 10 for caption in captions)


@pytest.mark.parametrize("name", [name for name in CHAPTERS if "/ko/" in name])
def test_what_a_finger_has_to_hit_is_large_enough(open_page, name):
    page = open_page(name, width=390, height=844, has_touch=True, is_mobile=True)
    page.locator(".menu-button").click()
    targets = page.evaluate(SMALL)
    assert len(targets) > 10
    assert [target for target in targets if min(target[1:]) < 43.9] == []
