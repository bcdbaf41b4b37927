"""The wheel: what a reader installs holds the digits, the font and their notices."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run(build, check=True)
    (built,) = folder.glob("aebook-*.whl")
    return built


def test_the_wheel_installed_elsewhere_loads_the_digits(wheel, tmp_path):
    elsewhere = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, elsewhere, wheel], check=True)
    program = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        import aebook
        from aebook import data, figures
        print(aebook.__file__.startswith(sys.argv[1]), figures.STYLE["font.family"][0])
        print(len(data.mnist().images), len(data.mnist(train=False).images))
    """
    run = [sys.executable, "-c", program, elsewhere]
    said = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "aebook", "Gothic", "60000", "10000"]


@pytest.mark.parametrize("name", ["mnist/NOTICE", "fonts/OFL.txt"])
def test_the_wheel_carries_each_notice_beside_what_it_is_about(wheel, name):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert f"aebook/{name}" in names and any(other.endswith("licenses/LICENSE") for other in names)
