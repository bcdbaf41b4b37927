"""Widgets are mounted when they come near the screen: here a test brings them there."""

import re

from playwright.sync_api import expect


def wake(page):
    """Goes to each widget of the page until it is mounted, or has failed, and back to where the page was."""
    was = page.evaluate("scrollY")
    for place in page.locator("[data-aebook-widget]").all():
        place.evaluate("place => place.scrollIntoView()")
        expect(place).to_have_attribute("data-ready", re.compile("yes|no"))
    page.evaluate("top => scrollTo({ top, behavior: 'instant' })", was)
