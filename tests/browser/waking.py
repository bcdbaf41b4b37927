"""Widgets are mounted when they come near the screen: here a test brings them there, and waits for them."""

import re

from playwright.sync_api import expect

AT_REST = """() => [...document.querySelectorAll("[data-aebook-widget=drawing]")]
    .every(place => place.getBoundingClientRect().top > innerHeight || place.querySelector("[data-settled]"))"""


def wake(page):
    """Goes to each widget of the page until it is mounted, or has failed, and back to where the page was."""
    was = page.evaluate("scrollY")
    for place in page.locator("[data-aebook-widget]").all():
        place.evaluate("place => place.scrollIntoView()")
        expect(place).to_have_attribute("data-ready", re.compile("yes|no"))
    page.evaluate("top => scrollTo({ top, behavior: 'instant' })", was)


def rest(page):
    """Waits for a drawing on the screen: it begins by itself, and has all its words once its models answered."""
    page.wait_for_function(AT_REST)
