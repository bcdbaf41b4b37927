"""Opens pages of the built book in a browser; where there is none, the tests here are skipped, aloud."""

import re
from dataclasses import dataclass
from pathlib import Path

import aebook_widgets
import pytest
from complaints import listen
from contents import PAGES
from find import NOT_RUN, find_browser
from lab_server import Lab, serving_lab
from playwright.sync_api import Page, expect, sync_playwright
from serving import only_from, serving

from aebook.widgets import spec as specs

ROOT = Path(__file__).parents[2]

FLAGS = [
    "--no-sandbox",  # it does not start in a container, and every page opened here is our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# What takes a moment takes many of them where tests run side by side, each with a browser and a kernel.
expect.set_options(timeout=30_000)


@dataclass
class Opened:
    """A page in the browser, and what went wrong while it loaded."""

    name: str
    page: Page
    complaints: list[str]


@pytest.fixture(scope="session")
def start_browser():
    """A function that starts the browser, with an environment of its own where one is given."""
    found = find_browser()
    if found is None:
        pytest.skip(NOT_RUN)
    with sync_playwright() as playwright:  # of which a process has one only
        yield lambda env=None: playwright.chromium.launch(executable_path=found, args=FLAGS, env=env)


@pytest.fixture(scope="session")
def browser(start_browser):
    """The browser, started once."""
    started = start_browser()
    yield started
    started.close()


@pytest.fixture(scope="session")
def served(site):
    """The address of the book's pages over http."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory):
    """A JupyterLab, started once for all tests that want no other of their own; each has a folder in it."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    with serving_lab(folder) as address:
        yield Lab(address, folder)


@pytest.fixture(scope="session")
def policy():
    """The Content-Security-Policy that README.md tells who publishes the site."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search("^Content-Security-Policy: (.*)$", readme, re.MULTILINE)[1]


@pytest.fixture(scope="session")
def guarded(site, policy):
    """The address of the book's pages under that policy."""
    with serving(site, {"Content-Security-Policy": policy}) as address:
        yield address


def opener(browser):
    """A function that opens a page of the site at that address, in its own window."""
    opened = []

    def visit(name, address, **options):
        opened.append(load(browser, address, name, **options))
        return opened[-1]

    yield visit
    for each in opened:
        each.page.context.close()


visit = pytest.fixture(opener)
visit_once = pytest.fixture(opener, scope="module")  # for all the tests of a file


@pytest.fixture
def open_page(visit, site):
    """A function that opens a page of the book by its name, from the disk or over http, in its own window."""
    return lambda name, address=None, **options: visit(name, address or site.as_uri(), **options).page


@pytest.fixture
def open_at(browser):
    """A function that opens a page which gets what lies at its address; what it complains of fails the test."""
    complaints, contexts = [], []

    def open_at(address, name, **options):
        contexts.append(browser.new_context(**options))
        only_from(contexts[-1], address)
        page = contexts[-1].new_page()
        listen(page, complaints, address)
        page.goto(f"{address}/{name}")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def open_widgets(open_at, tmp_path):
    """A function that opens a page which holds what widgets leave in one and nothing else, from the disk.

    ``query`` is of the page's address; ``address`` is where its folder is served, if it is.
    """

    def open_widgets(places, language="en", query="", address=None, **options):
        write_page(tmp_path, places, language)
        return open_at(address or tmp_path.as_uri(), f"page.html{query}", **options)

    return open_widgets


def write_page(folder, places, language):
    """Writes a page with widgets, and beside it the files that it asks for."""
    for name in set(re.findall('data-aebook-widget="(.*?)"', places)):
        for file, text in aebook_widgets.files_of(specs.read(specs.WIDGETS / name)).items():
            (folder / "widgets" / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / "widgets" / file).write_text(text, encoding="utf-8")
    files, _ = aebook_widgets.needed(places, language)
    files = ["tokens.css", *(f"widgets/{file}" for file in files)]
    (folder / "tokens.css").write_bytes((specs.WIDGETS / "lib" / "tokens.css").read_bytes())
    sheets = "".join(f'<link rel="stylesheet" href="{file}">' for file in files if file.endswith(".css"))
    scripts = "".join(f'<script defer src="{file}"></script>' for file in files if file.endswith(".js"))
    head = f'<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    page = f"<!doctype html>{head}{sheets}{scripts}{places}"
    (folder / "page.html").write_text(page, encoding="utf-8")


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
