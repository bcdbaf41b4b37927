"""Calls functions of the widgets' modules without a browser: in deno, which the tests require, or in node."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

WIDGETS = Path(__file__).parents[1] / "src" / "aebook" / "widgets"
CALLER = Path(__file__).with_name("call.js")


def command(folder, script, caller=CALLER):
    """The command that runs a script of the tests on a module of the widgets, ``script`` below their folder."""
    try:
        from deno import find_deno_bin

        deno = find_deno_bin()
    except (ImportError, FileNotFoundError):
        deno = shutil.which("deno")
    if deno:
        return [deno, "run", "--allow-read", "--allow-write", str(caller), str(WIDGETS / script)]
    if node := shutil.which("node"):
        copy = folder / "widgets"  # where a package says that they are modules
        if not copy.exists():
            shutil.copytree(WIDGETS, copy)
            (copy / "package.json").write_text('{"type": "module"}')
        shutil.copy(caller, copy)
        return [node, str(copy / caller.name), str(copy / script)]
    pytest.skip(f"NOT RUN: {script}, for there is neither deno nor node; pip install deno")


def call(folder, script, cases, *rest):
    """What a module's functions give for each (name, *arguments, *rest), in one process; uint8 arrays are bytes.

    The rest, which all of them get, travels once.
    """
    calls = [[name, list(arguments)] for name, *arguments in cases]
    return run(folder, script, {"calls": calls, "rest": list(rest)}, CALLER)


def run(folder, script, cases, caller):
    """What a script of the tests makes of its cases, with that module."""
    (folder / "cases.json").write_text(json.dumps(cases, default=_sent))
    files = [str(folder / name) for name in ("cases.json", "outputs.json")]
    environment = os.environ | {"DENO_DIR": str(folder / "deno"), "DENO_NO_UPDATE_CHECK": "1"}
    subprocess.run([*command(folder, script, caller), *files], env=environment, check=True, timeout=300)
    return json.loads((folder / "outputs.json").read_text(), object_hook=_received)


def _sent(value):
    """Bytes for an array of greys, a list for one of other numbers."""
    if value.dtype == np.uint8:
        return {"bytes": base64.b64encode(value.tobytes()).decode()}
    return value.tolist()


def _received(value):
    return np.frombuffer(base64.b64decode(value["bytes"]), np.uint8) if set(value) == {"bytes"} else value
