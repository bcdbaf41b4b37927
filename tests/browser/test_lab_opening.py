"""A chapter that is opened in JupyterLab and closed again stays the file that it was."""

import platform
import re
import shutil

import pytest
import storing
from lab_server import CONTEXT, KERNEL, PATIENCE, shut_down, wait_for_notebook

# JupyterLab tells the notebook its kernel's language as soon as it knows it, and marks it changed if that is news.
TOLD = f"async () => {{ await {KERNEL}.info; await {KERNEL}.spec; }}"
CHAPTERS = {f"{path.parent.name}-{path.name}": path for path in storing.chapters()}


@pytest.fixture(scope="module")
def lab(jupyterlab, browser):
    """A page of JupyterLab; the chapters as one with this Python stores them: where for JupyterLab, and for us."""
    room, folder = jupyterlab.room()
    for name, path in CHAPTERS.items():
        shutil.copy(path, folder / name)
        text = path.read_text(encoding="utf-8")
        text = re.sub(
            r'("version": ")[\d.]+("\n  }\n },\n "nbformat")', rf"\g<1>{platform.python_version()}\2", text
        )
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    with jupyterlab.window(browser) as page:
        page.goto(f"{jupyterlab.address}/lab?reset", timeout=PATIENCE)
        page.wait_for_function("window.jupyterapp", timeout=PATIENCE)
        page.evaluate("async () => { await jupyterapp.restored; }")
        yield page, room, folder


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_opened_in_jupyterlab_is_not_marked_changed_and_saved_it_is_the_same(lab, name):
    page, room, folder = lab
    before, path = (folder / name).read_bytes(), f"{room}/{name}"
    page.evaluate("async path => { await jupyterapp.commands.execute('docmanager:open', { path }); }", path)
    wait_for_notebook(page, path)
    page.evaluate(TOLD)
    assert not page.evaluate(f"{CONTEXT}.model.dirty")
    page.evaluate(f"{CONTEXT}.save()")
    shut_down(page)
    page.evaluate("jupyterapp.shell.currentWidget.close()")
    assert (folder / name).read_bytes() == before
