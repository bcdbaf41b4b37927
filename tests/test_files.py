"""aebook.files: a file is the old one or the new one, whole, whatever fails and however many write it."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aebook import files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_what_is_written_is_what_is_there_with_the_rights_that_any_new_file_has(folder):
    path = folder / "new" / "deep" / "file"
    files.require_writable(path)
    for data in (b"one", b"", b"two" * 10_000):
        files.replace(path, data)
        assert path.read_bytes() == data and names(folder) == ["new", "new/deep", "new/deep/file"]
    (folder / "plain").write_bytes(b"")
    assert path.stat().st_mode == (folder / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["x" * 255, "가" * 85, "~kept", "a b.c", "$HOME", "[0]*?", "new\nline"])
def test_any_name_that_a_file_may_have_can_be_written(folder, name):
    files.require_writable(name)
    assert names(folder) == []
    files.replace(name, b"data")
    assert names(folder) == [name]


def test_a_link_is_followed(folder):
    (folder / "link").symlink_to(folder / "elsewhere" / "file")
    files.replace(folder / "link", b"data")
    assert (folder / "link").is_symlink() and (folder / "elsewhere" / "file").read_bytes() == b"data"


def make_cases(folder):
    (folder / "file").write_bytes(b"old")
    (folder / "folder").mkdir()
    (folder / "round").symlink_to(folder / "round")
    os.mkfifo(folder / "pipe")


WRONG = {
    "a folder": ("folder", IsADirectoryError, "it is a folder"),
    "the folder one stands in": (".", IsADirectoryError, "it is a folder"),
    "below a file": ("file/a", OSError, "file is a file, and no folder"),
    "far below a file": ("file/a/b/c", OSError, "file is a file, and no folder"),
    "a name too long": ("x" * 256, OSError, os.strerror(errno.ENAMETOOLONG)),
    "a folder's name too long": ("y" * 256 + "/a/b", OSError, os.strerror(errno.ENAMETOOLONG)),
    "a new folder, and then a name too long": ("new/deep/" + "x" * 256, OSError, os.strerror(errno.ENAMETOOLONG)),
    "no file": ("pipe", OSError, "it is no regular file"),
    "a link to itself": ("round", OSError, os.strerror(errno.ELOOP)),
}
if sys.platform == "linux":  # where a name is measured in bytes
    WRONG["a letter too many in UTF-8"] = ("가" * 86, OSError, os.strerror(errno.ENAMETOOLONG))


@pytest.mark.parametrize("function", [files.require_writable, lambda path: files.replace(path, b"new")])
@pytest.mark.parametrize("case", WRONG)
def test_a_path_that_cannot_be_written_is_named_with_the_reason_and_nothing_is_left(folder, function, case):
    make_cases(folder)
    before, (path, error, reason) = names(folder), WRONG[case]
    with pytest.raises(error) as refusal:
        function(path)
    assert str(refusal.value).startswith(f"{path} cannot be written: ") and reason in str(refusal.value)
    assert names(folder) == before and (folder / "file").read_bytes() == b"old"


@pytest.mark.parametrize("function", [files.require_writable, lambda path: files.replace(path, b"new")])
@pytest.mark.parametrize("path", ["", "  ", "runs/", "/", "a\0b"])
def test_what_is_no_path_of_a_file_is_refused(folder, function, path):
    with pytest.raises(ValueError, match="a file's path must name a file, and "):
        function(path)
    assert names(folder) == []


@pytest.mark.parametrize("path", [None, 3, b"bytes", ["a"]])
def test_what_is_no_path_is_refused(folder, path):
    with pytest.raises(TypeError, match=r"a file's path must be text or a pathlib\.Path, and is"):
        files.require_writable(path)


def test_a_tilde_at_the_beginning_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert files.expanded("~/a") == files.expanded(Path("~/a")) == folder / "a"
    assert files.expanded("~nobody-of-this-name/a") == Path("~nobody-of-this-name/a")
    assert files.expanded("b/~/a") == Path("b/~/a")


def refuse(number):
    def raising(*_, **__):
        raise OSError(number, os.strerror(number))

    return raising


@pytest.mark.parametrize("function", [files.require_writable, lambda path: files.replace(path, b"new")])
@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, OSError), (errno.EACCES, PermissionError)])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(folder, monkeypatch, function, number, kind):
    (folder / "file").write_bytes(b"old")
    monkeypatch.setattr(files.os, "fsync", refuse(number))
    for path in ("file", "new/folder/file"):
        with pytest.raises(kind) as refusal:
            function(path)
        assert str(refusal.value) == f"{path} cannot be written: {os.strerror(number)}"
    assert names(folder) == ["file"] and (folder / "file").read_bytes() == b"old"


def test_a_write_that_is_interrupted_leaves_the_old_file_and_nothing_else(folder, monkeypatch):
    files.replace("file", b"old")
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        files.replace("file", b"new")
    assert names(folder) == ["file"] and (folder / "file").read_bytes() == b"old"


def test_a_file_that_grows_beyond_what_is_allowed_is_refused_and_leaves_nothing(folder):
    program = """if True:
        import resource
        from aebook import files
        files.replace("file", b"old")
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            files.replace("file", bytes(200_000))
        except OSError as error:
            print(error)
    """
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"file cannot be written: {os.strerror(errno.EFBIG)}"
    assert names(folder) == ["file"] and (folder / "file").read_bytes() == b"old"


def test_a_folder_where_one_may_not_write_is_refused(folder):
    (folder / "locked").mkdir(mode=0o555)
    program = """if True:
        import os, sys
        sys.path.insert(0, sys.argv[1])
        import files
        if os.geteuid() == 0:
            os.setuid(65534)  # root may write everywhere
        for path in ("locked/a", "locked/b/c"):
            try:
                files.require_writable(path)
            except PermissionError as error:
                print(error)
    """
    source = folder / "source"
    source.mkdir()
    (source / "files.py").write_bytes(Path(files.__file__).read_bytes())
    for parent in (folder, *folder.parents[:2]):
        if os.geteuid() == 0:
            parent.chmod(0o755)
    run = [sys.executable, "-c", program, source]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    reason = os.strerror(errno.EACCES)
    assert said.splitlines() == [f"locked/{name} cannot be written: {reason}" for name in ("a", "b/c")]


WRITE = """if True:
    import sys
    from aebook import files
    for number in range(60):
        files.replace("file", bytes([int(sys.argv[1])]) * (100_000 + number))
"""


def test_of_several_writers_each_reader_sees_a_whole_file_at_every_moment(folder):
    files.replace("file", b"\0" * 100_000)
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, str(number)]) for number in (1, 2, 3)]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        data = (folder / "file").read_bytes()
        assert len(data) >= 100_000 and len(set(data)) == 1
        reads += 1
    assert [writer.returncode for writer in writers] == [0, 0, 0] and reads > 20
    assert names(folder) == ["file"]


def test_threads_write_beside_each_other_too(folder):
    failed = []

    def write(number):
        try:
            for _ in range(50):
                files.replace("deep/file", bytes([number]) * 1000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and names(folder) == ["deep", "deep/file"]


def test_what_a_killed_writer_left_is_cleared_away_an_hour_later_and_no_other_file_is(folder):
    files.replace("file", b"old")
    beside = files._own_name(folder / "file"), files._own_name(folder / "file"), files._own_name(folder / "other")
    for path in beside:
        path.write_bytes(b"half")
    for path in (beside[0], beside[2], folder / "file"):
        os.utime(path, (time.time() - 3700,) * 2)
    files.replace("file", b"new")
    assert names(folder) == sorted(["file", beside[1].name, beside[2].name])
