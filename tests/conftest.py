"""What several test files share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from find import NOT_RUN

ROOT = Path(__file__).parents[1]

# Where tests run side by side, each process takes its share of the cores: with more threads than there are cores,
# PyTorch's wait for each other. The kernels and programs that tests start inherit it.
if processes := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(processes))))


def pytest_collection_modifyitems(items):
    """Tests marked ``cuda`` are skipped where there is no CUDA GPU, and say so."""
    import torch

    if not torch.cuda.is_available():
        for item in items:
            if item.get_closest_marker("cuda"):
                item.add_marker(pytest.mark.skip(reason="needs a CUDA GPU, and there is none here"))


def pytest_terminal_summary(terminalreporter):
    """Says in one line that the browser tests were not run; CI fails on that line."""
    if any(NOT_RUN in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(NOT_RUN)


@pytest.fixture(autouse=True)
def figures_left_open():
    """What a test leaves open a notebook would show twice, and the process keeps."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        left = pyplot.get_fignums()
        pyplot.close("all")
        assert left == []


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the whole book's pages, built once, every warning being an error."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # what all processes of this run share
    with FileLock(folder / "site.lock"):
        if not (folder / "site.built").exists():
            build(folder / "site")
            (folder / "site.built").touch()
    return folder / "site" / "_build" / "html"


def build(output):
    """The book, built into a folder; what the build warns of fails the tests."""
    # The environment's own jupyter-book, whatever other one lies on the PATH: jupyter looks there first.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    command = [sys.executable, "-m", "jupyter", "book", "build", str(ROOT), "--path-output", str(output)]
    built = subprocess.run(
        [*command, "--all", "-W", "-n", "--keep-going"],
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if built.returncode:
        warnings = [line for line in built.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
        pytest.fail("\n".join(["the book does not build:", *warnings, "...", built.stdout[-2000:]]), pytrace=False)
