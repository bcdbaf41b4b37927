"""What several test files share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items):
    """Tests marked ``cuda`` are skipped where there is no CUDA GPU, and say so."""
    import torch

    if not torch.cuda.is_available():
        for item in items:
            if item.get_closest_marker("cuda"):
                item.add_marker(pytest.mark.skip(reason="needs a CUDA GPU, and there is none here"))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the whole book's pages, built once, every warning being an error."""
    output = tmp_path_factory.mktemp("site")
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
    return output / "_build" / "html"
