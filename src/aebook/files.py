"""Files that are at every moment the old one or the new one, whole, however many write them and whatever fails."""

import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

ABANDONED = 3600  # seconds after which what a killed writer left half-written is cleared away


def expanded(path: str | os.PathLike, what: str = "file") -> Path:
    """A path with ``~`` at its beginning as the home folder.

    Args:
        path: of a file or folder, which need not be there.
        what: ``"file"`` or ``"folder"``, which it is to be.

    Raises:
        TypeError, ValueError: where it is no path, empty, or that of a folder though a file is wanted: ``runs/``.
    """
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise TypeError(f"a {what}'s path must be text or a pathlib.Path, and is {path!r}")
    text = os.path.expanduser(os.fspath(path))
    if not text.strip() or "\0" in text:
        raise ValueError(f"a {what}'s path must name a {what}, and is {os.fspath(path)!r}")
    if what == "file" and text.endswith(("/", os.sep)):
        raise ValueError(f"a file's path must name a file, and {os.fspath(path)!r} names a folder")
    return Path(text)


def replace(path: str | os.PathLike, data: bytes) -> None:
    """Write a file under a name of the writer's own, see it onto the disk, and rename it.

    Of several writers the last one wins. What fails leaves the old file, and nothing else.

    Args:
        path: the file; its folder is made where it is not there, a link is followed.
        data: what it is to hold.

    Raises:
        TypeError, ValueError: where ``path`` is none of a file.
        OSError: where it cannot be written, of the kind that the system says; the message names the path.
    """
    with _part(expanded(path)) as (target, part, file):
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        os.replace(part, target)


def require_writable(path: str | os.PathLike) -> None:
    """Refuse a path that ``replace`` could not write to now, by trying it with a few bytes beside the file.

    What is there stays as it is. The file's folder is made where it is not there.

    Raises:
        TypeError, ValueError, OSError: as ``replace`` does.
    """
    with _part(expanded(path)) as (_, _, file):
        file.write(bytes(4096))  # a disk may have room for a name, and none for what is in it
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _part(path: Path) -> Iterator[tuple[Path, Path, BinaryIO]]:
    """Where a path leads, and a new file beside that, gone in the end; what fails is said of the path."""
    made = [folder for folder in path.parents if not os.path.lexists(folder)]
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        _require_file_or_nothing(target)
        part = _own_name(target)
        try:
            with part.open("xb") as file:
                yield target, part, file
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise type(error)(f"{path} cannot be written: {_reason(path, error)}") from error


def _own_name(target: Path) -> Path:
    """A name that no other writer has; those that killed writers have left are cleared away."""
    # Of the name its digest: with more letters than the file's own, a long name would be too long.
    prefix = f".{hashlib.sha256(target.name.encode(errors='surrogateescape')).hexdigest()[:12]}-"
    for other in target.parent.glob(f"{prefix}*.part"):
        with suppress(OSError):
            if time.time() - other.stat().st_mtime > ABANDONED:
                other.unlink()
    return target.with_name(f"{prefix}{secrets.token_hex(8)}.part")


def _require_file_or_nothing(target: Path) -> None:
    with suppress(FileNotFoundError):
        mode = target.stat().st_mode  # which also refuses a name that is too long
        if stat.S_ISDIR(mode):
            raise IsADirectoryError("it is a folder")
        if not stat.S_ISREG(mode):
            raise OSError("it is no regular file")


def _reason(path: Path, error: OSError) -> str:
    """The system's words, or plainer ones where a file stands in the place of a folder."""
    for folder in path.parents:
        if os.path.exists(folder) and not os.path.isdir(folder):
            return f"{folder} is a file, and no folder"
    return error.strerror or str(error)
