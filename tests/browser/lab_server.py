"""Starts a JupyterLab that has nothing but its own folder; talks with the kernel of the notebook open in it."""

import json
import os
import re
import socket
import subprocess
import sys
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from time import monotonic, sleep

import nbformat
from complaints import listen
from playwright.sync_api import expect

# Any free port; and the page gets `jupyterapp`, through which a test runs cells.
OPTIONS = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--ip=127.0.0.1", "--port=0"]
PATIENCE = 120_000  # milliseconds, for what takes 10 seconds where nothing else is running
KERNEL = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
CONTEXT = "jupyterapp.shell.currentWidget.context"
OPENED = f"""name => window.jupyterapp?.shell.currentWidget?.context?.path === name
    && {KERNEL}?.status === "idle" """
RUN = f"""async code => {{
    const future = {KERNEL}.requestExecute({{ code }});
    let said = "", failed = "";
    future.onIOPub = ({{ header, content }}) => {{
        if (header.msg_type === "stream" && content.name === "stdout") said += content.text;
        if (header.msg_type === "error") failed = `${{content.ename}}: ${{content.evalue}}`;
    }};
    await future.done;
    if (failed) throw new Error(failed);
    return said;
}}"""


@contextmanager
def serving_lab(folder):
    """The address of a JupyterLab on that folder, which also holds its settings, so that no others count."""
    # It would ask the network whether there is news.
    settings = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / "page_config.json").write_text(json.dumps(settings), encoding="utf-8")
    folders = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {f"JUPYTERLAB_{name}_DIR": str(folder / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    command = [sys.executable, "-m", "jupyter", "lab", *OPTIONS, "--IdentityProvider.token="]

    def start():
        return subprocess.Popen(
            [*command, f"--notebook-dir={folder}"],
            env={**os.environ, **folders, "IPYTHONDIR": str(folder / "ipython"), "PYTHONUTF8": "1"},
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    server = start()
    try:
        address = address_of(server)
        if not answers(address):  # it chooses a port before it takes it, and another program can be faster
            end(server)
            server = start()
            address = address_of(server)
        yield address
    finally:
        end(server)


@dataclass
class Lab:
    """A JupyterLab that runs."""

    address: str
    folder: Path

    def room(self):
        """A new folder in its own: (its path for JupyterLab, where it is)."""
        room = Path(mkdtemp(dir=self.folder))
        return room.name, room

    @contextmanager
    def window(self, browser, **options):
        """A page in a window of its own, with which all kernels end."""
        context = browser.new_context(**options)
        page = context.new_page()
        try:
            yield page
        finally:
            page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")
            context.close()


@contextmanager
def cell_run(browser, lab, cell, root):
    """A page of a JupyterLab with a notebook of one cell, run, in which ``root`` is to be seen.

    What the page complains of is an error in the end.
    """
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)], metadata=kernel)
    room, folder = lab.room()
    nbformat.write(notebook, folder / "notebook.ipynb")
    complaints = []
    with lab.window(browser, viewport={"width": 1280, "height": 1000}) as page:
        listen(page, complaints, lab.address)
        open_notebook(page, lab.address, f"{room}/notebook.ipynb")
        expect(page.locator(root)).to_be_visible(timeout=PATIENCE)
        yield page
    assert complaints == []


def end(server):
    """Ends the server, which may wait for ever for a kernel that it was just starting."""
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def address_of(server):
    """The address that the server says it serves; what it says from then on is read, so that it never waits.

    Raises:
        RuntimeError: it ended without one.
    """
    said = deque(maxlen=50)
    for line in server.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            Thread(target=said.extend, args=(server.stderr,), daemon=True).start()
            return found[0]
    raise RuntimeError("JupyterLab does not start:\n" + "".join(said))


def answers(address, patience=20):
    """Whether somebody listens there, within so many seconds."""
    host, port = address.removeprefix("http://").split(":")
    until = monotonic() + patience
    while monotonic() < until:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=patience):
            return True
        sleep(0.1)
    return False


def open_notebook(page, address, name, run=True):
    """Opens a notebook in that page, and nothing else, and runs all its cells, unless told not to."""
    # Without a reset the notebooks of earlier pages are opened again, and one of those is in front at first.
    page.goto(f"{address}/lab/tree/{name}?reset", timeout=PATIENCE)
    wait_for_notebook(page, name)
    if run:
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")


def wait_for_notebook(page, name):
    """Waits until that notebook is the one in front, and its kernel has nothing to do."""
    page.wait_for_function(OPENED, arg=name, timeout=PATIENCE)
    page.evaluate(f"{CONTEXT}.ready")


def reopened(page):
    """What a reader sees of the notebook that is open, saved and opened again where no kernel knows it.

    A page of its own, which nobody listens to: JupyterLab itself complains there that there is no widget.
    """
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    python(page, "import shutil\n_ = shutil.copy('notebook.ipynb', 'reopened.ipynb')")
    other, room = page.context.new_page(), page.evaluate(f"{CONTEXT}.path").removesuffix("notebook.ipynb")
    open_notebook(other, page.url.partition("/lab")[0], f"{room}reopened.ipynb", run=False)
    return other


def restart_kernel(page):
    """Restarts the kernel of the notebook that is open, and waits until it is there again."""
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    page.wait_for_function(f"{KERNEL}?.status === 'idle'", timeout=PATIENCE)


def save_and_shut_down(page):
    """Saves the notebook that is open, and ends its kernel."""
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    shut_down(page)


def shut_down(page):
    """Ends the kernel of the notebook that is open."""
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def python(page, code):
    """What the code prints, run in the kernel of the notebook that is open."""
    return page.evaluate(RUN, code)


def value(page, expression, before=""):
    """The value of an expression in that kernel, after some code."""
    return json.loads(python(page, f"{before}\nimport json\nprint(json.dumps({expression}))"))


def eventually(check, *given):
    """What a check that asserts returns, tried until it holds: a change may be on its way to Python still.

    ipywidgets keeps back what a view sends until the kernel has answered what it sent before.
    """
    ends = monotonic() + PATIENCE / 1000
    while monotonic() < ends:
        with suppress(AssertionError):
            return check(*given)
    return check(*given)


def require_value(page, wanted, expression, before=""):
    """That an expression has that value in the kernel, after some code, at last."""

    def has_it():
        assert value(page, expression, before) == wanted

    eventually(has_it)


def notebook_state(page):
    """How many cells the notebook has, which of them is the active one, and the mode."""
    return page.evaluate(
        """() => {
            const { content } = jupyterapp.shell.currentWidget;
            return [content.widgets.length, content.activeCellIndex, content.mode];
        }"""
    )


def change_theme(page, name):
    """Changes JupyterLab's theme, and waits until nothing of the change is to be seen any more."""
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
    page.wait_for_function(
        """name => document.body.dataset.jpThemeName === name
            && !document.querySelector(".jp-Splash, #jupyterlab-splash")""",
        arg=name,
    )
