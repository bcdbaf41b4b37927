"""The matrix of versions: which environments there are, what is held in each, and that none is left behind."""

import os
import re
import sys

import matrix
import pytest
from matrix import Environment
from packaging.requirements import Requirement
from packaging.version import Version

HERE = sys.version_info[1]


@pytest.fixture
def matrix_in(tmp_path, monkeypatch):
    """The tool at work in a temporary folder, on a test file with the source given; made in this environment."""

    def make(source="", install=None):
        (tmp_path / "test_it.py").write_text(source)
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # nbval alone takes seconds to import
        monkeypatch.setattr(matrix, "WORK", tmp_path / "matrix")
        monkeypatch.setattr(
            matrix, "TESTS", ("-c", os.devnull, "-p", "no:cacheprovider", str(tmp_path / "test_it.py"))
        )
        monkeypatch.setattr(matrix, "install", install or installed)
        return tmp_path / "matrix"

    return make


def installed(asked, folder, log):
    """Stands for an installation: a folder with something in it."""
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "torch.py").touch()
    return matrix.Path(sys.executable)


def test_the_lowest_versions_are_the_lower_bounds_of_the_requirement_files():
    held = [Requirement(line) for line in matrix.lowest(matrix.REQUIREMENTS)]
    asked = [Requirement(line) for line in matrix.requirements(matrix.REQUIREMENTS)]
    assert len({requirement.name for requirement in held}) == len(held) > 12
    for requirement in asked:
        (exact,) = [one.specifier for one in held if one.name == requirement.name]
        (version,) = [Version(one.version) for one in exact if one.operator == "=="]
        bounds = [Version(one.version) for one in requirement.specifier if one.operator == ">="]
        assert version in requirement.specifier and version >= bounds[0], requirement
        assert any(
            Version(one.version) == version
            for each in asked
            if each.name == requirement.name
            for one in each.specifier
        )


@pytest.mark.parametrize(
    ("file", "held"),
    [
        ("numpy>=2,<3", ["numpy==2"]),
        ("# a comment\n\nnumpy >= 2.0.1  # why\n", ["numpy==2.0.1"]),
        ("ipywidgets[test]>=8.1,!=8.1.2", ["ipywidgets==8.1"]),
        ("tomli>=2; python_version < '3.11'", ["tomli==2; python_version < '3.11'"]),
        ("torch>=2.9\ntorch>=2.10", ["torch==2.10"]),
        ("Latex_2.mathml>=3\nlatex-2-mathml>=2", ["latex-2-mathml==3"]),
        ("-r more/other.txt\nnbval>=0.11", ["tqdm==4.66", "nbval==0.11"]),
    ],
)
def test_a_lower_bound_is_held_as_it_stands(write, file, held):
    write("more/other.txt", "tqdm>=4.66,<5\n")
    assert matrix.lowest(write("requirements.txt", file)) == held


@pytest.mark.parametrize(
    "line", ["-e .", "--editable .", "-e .[book]", "-e .[book,more]  # with what the book needs"]
)
def test_a_file_that_installs_the_package_asks_for_what_the_package_asks_for(write, monkeypatch, line):
    extras = {"book": ["torchvision>=0.21"], "more": ["tqdm>=4"]}
    project = {"dependencies": ["torch>=2.6"], "optional-dependencies": extras}
    monkeypatch.setattr(matrix, "_project", lambda: project)
    wanted = ["torch==2.6"] + ["torchvision==0.21"] * ("book" in line) + ["tqdm==4"] * ("more" in line)
    assert matrix.lowest(write("requirements.txt", line)) == wanted
    assert project["dependencies"] == ["torch>=2.6"]


@pytest.mark.parametrize(
    "line", ["numpy", "numpy<3", "numpy==2.1", "numpy~=2.0", "numpy<3,>=2", "--pre", "-e ./other"]
)
def test_a_requirement_without_a_lower_bound_is_named(write, line):
    with pytest.raises(ValueError, match=re.escape(repr(line))):
        matrix.lowest(write("requirements.txt", line))


def test_an_interpreter_is_found_only_where_it_runs(tmp_path, monkeypatch):
    """Of the many that pyenv leaves on the path, most refuse to run."""
    assert matrix.find_python(HERE) == sys.executable
    assert matrix.find_python(99) is None
    shim = tmp_path / "python3.98"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert matrix.find_python(98) is None


def test_an_interpreter_of_pyenv_is_found_the_latest_first(tmp_path, monkeypatch):
    for version in ("3.98.9", "3.98.10", "3.9.1"):
        python = tmp_path / "versions" / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\necho 98 /there/{version}\n")
        python.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert matrix.find_python(98) == "/there/3.98.10"


def test_every_environment_has_a_python_of_its_own_or_says_that_there_is_none(capsys):
    names = matrix.names()
    assert names[:3] == ["lowest", matrix.HELD, "newest"] and f"python3.{HERE}" not in names
    assert matrix.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == names
    for line in lines:
        name, python = line.split(": ")
        minor = int(name.split(".")[1]) if name.startswith("python3.") else None
        assert (
            python == "no interpreter found"
            if minor and not matrix.find_python(minor)
            else matrix.Path(python).exists()
        )


def test_what_an_environment_holds(monkeypatch):
    assert matrix.environment("newest") == Environment("newest", sys.executable, [])
    assert matrix.environment("numpy==2.1.0") == Environment("numpy==2.1.0", sys.executable, ["numpy==2.1.0"])
    assert matrix.environment("lowest").held == matrix.lowest(matrix.REQUIREMENTS)
    found = {HERE: "here", HERE + 1: "newer"}
    monkeypatch.setattr(matrix, "find_python", found.get)
    assert matrix.environment("lowest").python == "here"
    assert matrix.environment(f"python3.{HERE + 1}") == Environment(f"python3.{HERE + 1}", "newer", [])
    assert matrix.environment("python3.99").python is None


@pytest.mark.parametrize(
    "name", ["", "oldest", "python2.7", "torch", "torch==", "torch>=2.6", "../torch==1", "a/b==1"]
)
def test_a_name_that_stands_for_no_environment_is_refused(name, capsys):
    with pytest.raises(SystemExit) as ended:
        matrix.main([name])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and repr(name) in said and "PACKAGE==VERSION" in said


@pytest.mark.parametrize(
    ("source", "passed", "counts"),
    [
        ("def test_a(): pass\ndef test_b(): pass", True, "2 passed, 0 failed;"),
        ("def test_a(): pass\ndef test_b(): assert 0", False, "1 passed, 1 failed;"),
        ("import pytest\ndef test_a(): pytest.skip()\ndef test_b(): pass", True, "1 passed, 0 failed;"),
        ("import pytest\n@pytest.fixture\ndef a(): assert 0\ndef test_b(a): pass", False, "0 passed, 1 failed;"),
        ("import no_such_module", False, "0 passed, 1 failed;"),
        ("", False, "0 passed, 0 failed, pytest ended with 5;"),
        ("import pytest\ndef test_a(): pytest.skip()", False, "0 passed, 0 failed;"),
        ("import os\ndef test_a(): os._exit(9)", False, "0 passed, 0 failed, pytest ended with 9;"),
    ],
)
def test_a_line_says_the_versions_and_the_counts_and_nothing_but_the_log_is_left(
    matrix_in, capsys, source, passed, counts
):
    work = matrix_in(source)
    assert matrix.run(Environment("some", sys.executable, [])) is passed
    line = capsys.readouterr().out
    assert line.startswith(f"some: Python {sys.version.split()[0]}, torch 2.") and counts in line
    assert all(f", {name} " in line for name in ("torchvision", "numpy", "matplotlib")) and line.endswith(" s\n")
    assert [path.name for path in work.iterdir()] == ["some.log"]


def test_the_log_is_of_the_last_run(matrix_in):
    work = matrix_in("def test_a(): pass")
    for _ in range(2):
        matrix.run(Environment("some", sys.executable, []))
    assert (work / "some.log").read_text().count("test session starts") == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError])
def test_what_was_made_is_deleted_when_the_run_is_interrupted(matrix_in, error):
    def interrupted(asked, folder, log):
        installed(asked, folder, log)
        raise error

    work = matrix_in(install=interrupted)
    with pytest.raises(error):
        matrix.run(Environment("some", sys.executable, []))
    assert not (work / "some").exists()


def test_what_pip_refuses_is_not_available_and_a_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(matrix, "WORK", tmp_path / "matrix")
    monkeypatch.setattr(matrix, "REQUIREMENTS", tmp_path / "requirements.txt")
    (tmp_path / "requirements.txt").write_text("aebook-needs-this>=1\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert not matrix.run(Environment("some", sys.executable, ["aebook-needs-this==0"]))
    line = capsys.readouterr().out
    assert line.startswith("some: not available: ERROR: ") and "aebook-needs-this" in line
    assert [path.name for path in (tmp_path / "matrix").iterdir()] == ["some.log"]


@pytest.mark.parametrize(
    ("asked", "outcomes", "code"),
    [
        (["newest", "lowest"], [True, True], 0),
        (["newest", "lowest"], [False, True], 1),
        (["newest", "lowest"], [True, False], 1),
        (["newest", "python3.99"], [True], 1),
    ],
)
def test_every_environment_is_run_and_one_that_fails_is_the_exit_code(monkeypatch, asked, outcomes, code):
    ran = iter(outcomes)
    monkeypatch.setattr(matrix, "run", lambda environment: next(ran))
    assert matrix.main(asked) == code
    assert next(ran, None) is None


def test_a_python_that_is_not_found_is_said_and_fails_only_where_it_was_named(monkeypatch, capsys):
    monkeypatch.setattr(matrix, "names", lambda: ["newest", "python3.99"])
    monkeypatch.setattr(matrix, "run", lambda environment: True)
    assert matrix.main([]) == 0
    assert capsys.readouterr().out == "python3.99: no interpreter found\n"
