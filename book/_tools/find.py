"""Finds a Chromium or Chrome for the browser tests; ``python book/_tools/find.py`` is their set-up step."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# First the one without windows: it opens a page in half the time.
ON_PATH = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
]
USUAL_PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
]
NOT_RUN = (
    "NOT RUN: the browser tests (tests/browser), for want of a browser. Install Chromium or Chrome, or name one "
    "in AEBOOK_BROWSER, or run `python book/_tools/find.py` with a network."
)


def find_browser():
    """The path of the browser that ``AEBOOK_BROWSER`` names, or else of the first one found, or None.

    Raises:
        FileNotFoundError: ``AEBOOK_BROWSER`` names a program that is not there.
    """
    if named := os.environ.get("AEBOOK_BROWSER"):
        if found := shutil.which(named):
            return found
        raise FileNotFoundError(f"AEBOOK_BROWSER is {named!r}: expected a browser's path or name")
    if installed := [found for name in ON_PATH if (found := shutil.which(name))]:
        return installed[0]
    return next((place for place in [*USUAL_PLACES, playwrights_own()] if Path(place).is_file()), None)


def playwrights_own():
    """Where ``playwright install chromium`` puts its browser, whether it is there or not."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def main():
    """Prints one line: the browser found, or fetched by playwright, or what will not be run without one."""
    if not find_browser():
        # Tried once, and given five minutes: without a network the tests say what they did not run.
        fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(fetch, check=False, capture_output=True, timeout=300)
    found = find_browser()
    print(f"browser for the tests: {found}" if found else NOT_RUN)


if __name__ == "__main__":
    main()
