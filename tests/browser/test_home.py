"""The home page of each language: an explorer on its first screen, alive, that a reader turns at once."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_has_a_stride_that_makes_the_output_grow(open_page, language, width, height):
    page = open_page(f"book/{language}/index", width=width, height=height)
    explorer = page.locator("[data-aebook-widget][data-ready=yes] .aebook-explorer")
    expect(explorer).to_have_attribute("lang", language)
    stride = explorer.get_by_role("slider", name="stride", exact=True)
    expect(stride).to_be_in_viewport(ratio=1)
    expect(explorer.get_by_role("status")).to_contain_text("5 × 5")
    stride.press("ArrowRight")
    expect(explorer.get_by_role("status")).to_contain_text("7 × 7")
    expect(page).to_have_url(re.compile(r"\.html\?explorer\.stride=2$"))
