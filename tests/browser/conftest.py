"""Opens pages of the built book in a browser; where there is none, the tests here are skipped, aloud."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from complaints import listen
from contents import PAGES
from find import NOT_RUN, find_browser
from playwright.sync_api import Page, sync_playwright
from serving import only_from, serving

FLAGS = [
    "--no-sandbox",  # it does not start in a container, and every page opened here is our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Opened:
    """A page in the browser, and what went wrong while it loaded."""

    name: str
    page: Page
    complaints: list[str]


@pytest.fixture(scope="session")
def browser():
    """The browser, started once."""
    found = find_browser()
    if found is None:
        pytest.skip(NOT_RUN)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def served(site):
    """The address of the book's pages over http."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def guarded(site):
    """The same under the Content-Security-Policy that README.md tells who publishes the site."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    policy = re.search("^Content-Security-Policy: (.*)$", readme, re.MULTILINE)[1]
    with serving(site, {"Content-Security-Policy": policy}) as address:
        yield address


@pytest.fixture
def visit(browser):
    """A function that opens a page of the site at that address, in its own window."""
    opened = []

    def visit(name, address, **options):
        opened.append(load(browser, address, name, **options))
        return opened[-1]

    yield visit
    for each in opened:
        each.page.context.close()


@pytest.fixture
def open_page(visit, site):
    """A function that opens a page of the book by its name, from the disk or over http, in its own window."""
    return lambda name, address=None, **options: visit(name, address or site.as_uri(), **options).page


@pytest.fixture(scope="module", params=PAGES)
def opened(request, browser, site):
    """Each page in turn, loaded once for all the tests that only look at it."""
    opened = load(browser, site.as_uri(), request.param)
    yield opened
    opened.page.context.close()


def load(browser, address, name, width=1280, height=900, **options):
    """The page, loaded from that address alone; the options are those of playwright's ``new_context``.

    The browser speaks a language that the book does not, so that the first page does not leave for one.
    """
    options = {"locale": "fr", "viewport": {"width": width, "height": height}, **options}
    context = browser.new_context(**options)
    only_from(context, address)
    opened = Opened(name, context.new_page(), [])
    listen(opened.page, opened.complaints, address)
    opened.page.goto(f"{address}/{name}.html", wait_until="load")
    return opened


def pytest_terminal_summary(terminalreporter):
    """Says in one line that the browser tests were not run; CI fails on that line."""
    if any(NOT_RUN in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(NOT_RUN)
