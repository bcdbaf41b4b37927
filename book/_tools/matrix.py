"""Runs the unit tests and every notebook with other versions: ``python book/_tools/matrix.py [NAME...]``.

Every environment by default, one at a time; ``--list`` says which those are here. A name is one of

    lowest           the lowest versions that the requirement files admit, on the oldest Python found
    newest           what pip chooses today
    PACKAGE==VERSION one version held, the rest as pip chooses
    python3.N        what pip chooses, on that Python

An environment is made in _build/matrix and deleted when it has run, whatever happened; its log stays there.
Each takes some gigabytes and, on two cores, about a quarter of an hour. The tests in a browser are left out.
Nothing is needed but Python itself: the tests' requirements are installed into each environment.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
WORK = ROOT / "_build" / "matrix"
REQUIREMENTS = ROOT / "tests" / "requirements.txt"  # stands on the others
PYTHONS = range(11, 15)  # Python 3.11 to 3.14
HELD = "torch==2.14.1"  # what pip gave a reader while the stored words were those of 2.15
SHOWN = ("torch", "torchvision", "numpy", "matplotlib")
TESTS = ("tests", "book", "--ignore=tests/browser", "-p", "no:cacheprovider", "-q", "-rfE", "--durations=10")

# A name, extras, the lower bound; then other bounds, a marker, a comment.
REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)\s*(\[[^\]]*\])?\s*>=\s*(?P<lowest>[\w.]+)[^;#]*(?P<marker>;[^#]*)?(#.*)?"
)
THIS_PACKAGE = re.compile(r"(?:-e|--editable)[ =]+\.(?:\[(?P<extras>[^\]]*)\])?\s*(#.*)?")
ANOTHER_FILE = re.compile(r"(?:-r|--requirement)[ =]+(?P<file>\S+)\s*(#.*)?")


class NotThere(ValueError):
    """An environment that cannot be had on this machine; the message says why."""


@dataclass
class Environment:
    """A Python to run on, if there is one, and what is held: a line each, as in a file of constraints for pip."""

    name: str
    python: str | None
    held: list[str]


def requirements(path: Path) -> Iterator[str]:
    """Every requirement of a file, of the files it stands on and of the package, where the file installs that."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if other := ANOTHER_FILE.fullmatch(line.strip()):
            yield from requirements(path.parent / other["file"])
        elif package := THIS_PACKAGE.fullmatch(line.strip()):
            yield from of_the_package(package["extras"] or "")
        elif line.strip() and not line.strip().startswith("#"):
            yield line.strip()


def of_the_package(extras: str) -> list[str]:
    """What pyproject.toml asks for, with the extras named, by commas."""
    project = _project()
    optional = project.get("optional-dependencies", {})
    return sum((optional[extra.strip()] for extra in extras.split(",") if extra), project["dependencies"])


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lowest(path: Path) -> list[str]:
    """The requirements of a file with each lower bound held, ``numpy==2``; of two bounds, the higher.

    Raises:
        ValueError: where a requirement has no lower bound; the message names it.
    """
    found: dict[tuple[str, str], str] = {}
    for requirement in requirements(path):
        if not (parts := REQUIREMENT.fullmatch(requirement)):
            raise ValueError(
                f"{requirement!r} has no lower bound to hold; accepted is NAME>=LOWEST, then what else"
            )
        key = (re.sub(r"[-_.]+", "-", parts["name"]).lower(), (parts["marker"] or "").strip())
        found[key] = max(found.get(key, "0"), parts["lowest"], key=_order)
    return [f"{name}=={version}{marker}" for (name, marker), version in found.items()]


def _order(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def find_python(minor: int) -> str | None:
    """An interpreter of Python 3.``minor`` that can make environments; None where there is none."""
    name = f"python3.{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(pyenv.glob(f"3.{minor}.*"), key=lambda folder: _order(folder.name), reverse=True)
    commands = [
        [sys.executable],
        [name],
        ["py", f"-3.{minor}"],
        *([folder / "bin" / "python"] for folder in kept),
    ]
    return next((python for command in commands if (python := _tried(command, minor))), None)


def _tried(command: list, minor: int) -> str | None:
    """The interpreter behind a command, if it runs, is of that version and has what environments are made with."""
    ask = "import ensurepip, sys, venv; print(sys.version_info[1], sys.executable)"
    try:
        said = subprocess.run([*command, "-c", ask], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found, _, executable = said.stdout.strip().partition(" ")
    return executable if said.returncode == 0 and found == str(minor) else None


def names() -> list[str]:
    """Every environment by its name; the Python that runs this has "newest", and so none of its own."""
    others = [minor for minor in PYTHONS if minor != sys.version_info[1]]
    return ["lowest", HELD, "newest", *(f"python3.{minor}" for minor in others)]


def environment(name: str) -> Environment:
    """The environment of a name; its Python is None where no interpreter is found.

    Raises:
        ValueError: where there is no such name.
    """
    if name == "lowest":
        return Environment(name, _oldest(), lowest(REQUIREMENTS))
    if name == "newest" or re.fullmatch(r"[\w.-]+==[\w.+]+", name):
        return Environment(name, sys.executable, [] if name == "newest" else [name])
    if not (minor := re.fullmatch(r"python3\.(\d+)", name)):
        raise ValueError(
            f"there is no environment {name!r}; accepted are {', '.join(names())} and PACKAGE==VERSION"
        )
    return Environment(name, find_python(int(minor[1])), [])


def _oldest() -> str:
    """The oldest Python found of those that the package admits: old releases may have no files for newer ones."""
    first = int(re.match(r">=3\.(\d+)", _project()["requires-python"])[1])
    return next((python for minor in PYTHONS if minor >= first and (python := find_python(minor))), sys.executable)


def run(asked: Environment) -> bool:
    """Make an environment, run everything in it, print a line, delete it; whether everything passed."""
    folder, log, report = (WORK / f"{asked.name}{end}" for end in ("", ".log", ".xml"))
    WORK.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    _delete(folder)  # left by a run whose machine was switched off
    began = time.monotonic()
    try:
        python = install(asked, folder, log)
        line, passed = _outcome(python, test(python, report, log), report)
    except NotThere as refused:
        line, passed = f"not available: {refused}", False
    finally:
        _delete(folder)
        report.unlink(missing_ok=True)
    print(f"{asked.name}: {line}; {time.monotonic() - began:.0f} s", flush=True)
    return passed


def _delete(folder: Path) -> None:
    """Delete a folder, even where a kernel that is just ending still writes into it."""
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1)


def install(asked: Environment, folder: Path, log: Path) -> Path:
    """Make an environment in a folder; its interpreter.

    Raises:
        NotThere: where pip cannot install what is asked; the message is pip's first error.
    """
    held = log.with_suffix(".txt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        held.write_text("".join(f"{line}\n" for line in asked.held), encoding="utf-8")
        _made([asked.python, "-m", "venv", folder], log)
        downloads = folder / "downloads"  # gigabytes, too: they go with the rest
        downloads.mkdir()
        pip = [python, "-m", "pip", "install", "--progress-bar=off", "-c", held, "-r", REQUIREMENTS]
        _made(pip, log, TMPDIR=str(downloads))
    finally:
        held.unlink(missing_ok=True)
    return python


def _made(command: list, log: Path, **variables: str) -> None:
    if _logged(command, log, **variables):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise NotThere(next((line for line in lines if line.lower().startswith("error")), lines[-1]))


def _logged(command: list, log: Path, **variables: str) -> int:
    """Run a command at the book's root, what it says going into the log; its exit code."""
    with log.open("ab") as said:
        environ = os.environ | variables
        return subprocess.run(command, cwd=ROOT, env=environ, stdout=said, stderr=subprocess.STDOUT).returncode


def test(python: Path, report: Path, log: Path) -> int:
    """Run the unit tests and every notebook, counted in the report; pytest's exit code."""
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    return _logged([python, "-m", "pytest", *TESTS, f"--junitxml={report}"], log, PATH=path)


def counts(report: Path) -> tuple[int, int]:
    """How many passed and how many failed, out of pytest's report; none where there is no report."""
    suites = list(ElementTree.parse(report).iter("testsuite")) if report.exists() else []
    total, skipped, *bad = (
        sum(int(suite.get(what, 0)) for suite in suites) for what in ("tests", "skipped", "failures", "errors")
    )
    return total - skipped - sum(bad), sum(bad)


def _outcome(python: Path, code: int, report: Path) -> tuple[str, bool]:
    """What a run's line says: the versions, what passed and failed; whether everything passed."""
    passed, failed = counts(report)
    ended = f", pytest ended with {code}" if code and not failed else ""
    return f"{versions(python)}: {passed} passed, {failed} failed{ended}", passed > 0 and not code


def versions(python: Path) -> str:
    """What an environment holds, as in "Python 3.11.7, torch 2.6.0+cu124, numpy 2.0.0"."""
    ask = "import importlib.metadata as m, sys; print(sys.version.split()[0], *map(m.version, sys.argv[1:]))"
    said = subprocess.run([python, "-c", ask, *SHOWN], capture_output=True, text=True, check=True).stdout
    return ", ".join(f"{name} {version}" for name, version in zip(("Python", *SHOWN), said.split(), strict=True))


def main(arguments: list[str]) -> int:
    """Run the environments named, or all; 1 where one failed, 2 where one that was named cannot be had."""
    reading = argparse.ArgumentParser(
        prog="matrix.py", description="The tests and the notebooks with other versions."
    )
    reading.add_argument("names", nargs="*", metavar="NAME", help="all by default; also PACKAGE==VERSION")
    reading.add_argument("--list", action="store_true", help="say which there are, and end")
    asked = reading.parse_args(arguments)
    try:
        there = [environment(name) for name in asked.names or names()]
    except ValueError as error:
        reading.error(str(error))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is deleted then, too
    passed = True
    for each in there:
        if asked.list or not each.python:
            print(f"{each.name}: {each.python or 'no interpreter found'}", flush=True)
        else:
            passed = run(each) and passed
    missing = asked.names and not all(each.python for each in there)
    return 0 if passed and not missing else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
