"""The set-up step of the browser tests, which needs no browser."""

import find
import pytest


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without a browser; ``path`` is its PATH's folder, ``fetches`` what it tried to install."""
    machine = type("Machine", (), {"path": tmp_path, "own": tmp_path / "own", "fetches": []})
    monkeypatch.delenv("AEBOOK_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find, "USUAL_PLACES", [])
    monkeypatch.setattr(find, "playwrights_own", lambda: str(machine.own))
    monkeypatch.setattr(find.subprocess, "run", lambda command, **options: machine.fetches.append(command))
    return machine


def program(path):
    path.touch(mode=0o755)
    return str(path)


def test_the_browser_named_by_the_reader_comes_before_all_others(machine, monkeypatch):
    program(machine.path / "chromium.exe")
    program(machine.path / "chromium")
    monkeypatch.setenv("AEBOOK_BROWSER", program(machine.path / "my-browser.exe"))
    assert find.find_browser() == str(machine.path / "my-browser.exe")


def test_a_named_browser_that_is_not_there_is_an_error_that_repeats_the_name(machine, monkeypatch):
    monkeypatch.setenv("AEBOOK_BROWSER", "no-such-browser")
    with pytest.raises(FileNotFoundError, match="no-such-browser"):
        find.find_browser()


def test_nothing_is_fetched_where_a_browser_is_found(machine, capsys):
    program(machine.own)
    find.main()
    assert capsys.readouterr().out == f"browser for the tests: {machine.own}\n"
    assert machine.fetches == []


def test_where_there_is_none_one_is_fetched_once_and_one_line_says_what_is_not_run(machine, capsys):
    find.main()
    assert len(machine.fetches) == 1
    assert capsys.readouterr().out == find.NOT_RUN + "\n"
    assert find.NOT_RUN.startswith("NOT RUN: ")
