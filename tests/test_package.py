"""The wheel: what a reader installs holds the digits, what the book has trained, the font and their notices."""

import re
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


def test_the_wheel_installed_elsewhere_loads_the_digits_and_what_the_book_has_trained(wheel, tmp_path):
    elsewhere = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, elsewhere, wheel], check=True)
    program = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        import aebook
        from aebook import checkpoints, data, figures, trained
        print(aebook.__file__.startswith(sys.argv[1]), figures.STYLE["font.family"][0])
        print(len(data.mnist().images), len(data.mnist(train=False).images))
        shipped = [checkpoints.load(trained.weights(name)) for name in trained.SHIPPED]
        results = trained.results()
        packed = [trained.net(name, half).read_bytes() for name in trained.packed() for half in trained.HALVES]
        print(len(packed), {blob[:4] for blob in packed})
        print(len(shipped), results["rows"].keys() | results["table"].keys() >= set(trained.SHIPPED))
    """
    run = [sys.executable, "-c", program, elsewhere]
    said = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "aebook", "Gothic", "60000", "10000", "16", "{b'AENN'}", "8", "True"]


def test_the_wheel_carries_every_file_of_every_widget(wheel):
    package = ROOT / "src" / "aebook"
    files = [
        place for place in (package / "widgets").rglob("*") if place.suffix in (".py", ".js", ".json", ".css")
    ]
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    assert len(files) > 30
    assert [place for place in files if f"aebook/{place.relative_to(package).as_posix()}" not in carried] == []


@pytest.mark.parametrize("name", ["mnist/NOTICE", "fonts/OFL.txt"])
def test_the_wheel_carries_each_notice_beside_what_it_is_about(wheel, name):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert f"aebook/{name}" in names and any(other.endswith("licenses/LICENSE") for other in names)


def test_what_the_chapters_need_beside_the_package_is_one_extra_and_a_reader_gets_it(wheel):
    """Versions stand in pyproject alone: two lists of them would come apart."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        lines = archive.read(metadata).decode().splitlines()
    extra = {
        re.split(r"[\s:<>=]+", line)[1] for line in lines if line.startswith("Requires-Dist") and "extra" in line
    }
    own = {re.split(r"[\s:<>=]+", line)[1] for line in lines if line.startswith("Requires-Dist")}
    asked = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert extra == {"torchvision", "scikit-learn", "threadpoolctl", "jupyterlab", "ipywidgets"}
    assert "-e .[book]" in asked
    assert not [line for line in asked if re.split("[<>=]", line)[0] in own]
