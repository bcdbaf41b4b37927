"""Keep the two languages of the book together: what differs between them, and what was not looked at since.

``python book/_tools/languages.py`` prints everything that differs between ``book/ko`` and ``book/en``, and every
text that changed on either side since someone last compared the two.
``python book/_tools/languages.py looked-at PLACE...`` records that you did: a place is a cell
(``chapter#cell-id``), a section of a page (``page#section``), the name of a chapter or a page for all of it, or
``all``.

The two sides have the same files, and in them the same everything but words: ``comparing.py`` says what.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from comparing import Difference, cell_pairs, compare_chapters, compare_drawings, compare_pages, first_line
from nbformat import NotebookNode
from reading import read_sections
from storing import BOOK, NotStorable, read_notebook, store_notebook, store_text


@dataclass
class Pair:
    """One text in both languages, and the digests recorded when the two were last looked at together."""

    place: str
    korean: str
    english: str
    recorded: dict[str, str]

    @property
    def digests(self) -> dict[str, str]:
        """What is to be recorded when the two have been looked at."""
        return {"ko": digest(self.korean), "en": digest(self.english)}


def digest(text: str) -> str:
    """Twelve digits that stand for a text: the same for every kind of line ending."""
    return hashlib.sha256("\n".join(text.splitlines()).encode("utf-8")).hexdigest()[:12]


# The book


def differences(book: Path = BOOK) -> list[Difference]:
    """Everything that differs between ``book/ko`` and ``book/en``."""
    files = [_files(book / language) for language in ("ko", "en")]
    found = [
        Difference(_name(path), f"{path.as_posix()} is only in book/{mine}, not in book/{other}")
        for mine, other, these, those in (("ko", "en", *files), ("en", "ko", *reversed(files)))
        for path in sorted(these - those)
    ]
    for path in sorted(files[0] & files[1]):
        found += _compare_files(_name(path), book / "ko" / path, book / "en" / path)
    return found


def _files(folder: Path) -> set[Path]:
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {path for path in paths if not any(part.startswith((".", "__")) for part in path.parts)}


def _name(path: Path) -> str:
    """What a file is called in a place: chapters and pages without their suffix."""
    return (path.with_suffix("") if path.suffix in (".ipynb", ".md") else path).as_posix()


def _compare_files(name: str, korean: Path, english: Path) -> list[Difference]:
    if korean.suffix == ".ipynb":
        return compare_chapters(name, read_notebook(korean), read_notebook(english))
    if korean.suffix not in (".md", ".svg"):
        return []
    texts = [path.read_text(encoding="utf-8") for path in (korean, english)]
    if korean.suffix == ".md":
        return compare_pages(name, *texts)
    return [Difference(name, message) for message in compare_drawings(*texts)]


def pairs(book: Path = BOOK) -> list[Pair]:
    """Every text that the book has in both languages: cells of chapters, sections of pages."""
    recorded = _read_reviewed(book)
    found: list[Pair] = []
    for path in sorted(_files(book / "ko") & _files(book / "en")):
        if path.suffix == ".ipynb":
            found += _pairs_of_chapter(
                _name(path), read_notebook(book / "ko" / path), read_notebook(book / "en" / path)
            )
        elif path.suffix == ".md":
            found += _pairs_of_page(_name(path), book / "ko" / path, book / "en" / path, recorded)
    return found


def _pairs_of_chapter(name: str, korean: NotebookNode, english: NotebookNode) -> Iterator[Pair]:
    for ko, en in cell_pairs(korean, english):
        yield Pair(f"{name}#{ko.id}", ko.source, en.source, ko.metadata.get("aebook", {}))


def _pairs_of_page(name: str, korean: Path, english: Path, recorded: dict) -> Iterator[Pair]:
    sections = [read_sections(path.read_text(encoding="utf-8")) for path in (korean, english)]
    # Where one side has more sections, compare_pages says so, and nothing can be recorded until that is cured.
    for ko, en in zip(*sections, strict=False):
        yield Pair(f"{name}#{en.key}", ko.text, en.text, recorded.get(name, {}).get(en.key, {}))


def _reviewed(book: Path) -> Path:
    return book / "reviewed.json"


def _read_reviewed(book: Path) -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(_reviewed(book).read_text(encoding="utf-8")) if _reviewed(book).exists() else {}


def unread(pair: Pair) -> Difference | None:
    """That a text changed since the two languages were last looked at together, or None where it did not."""
    now = pair.digests
    changed = [language for language in now if now[language] != pair.recorded.get(language)]
    if not changed:
        return None
    what = {
        ("ko",): "the Korean text changed since the two were last looked at together, the English did not",
        ("en",): "the English text changed since the two were last looked at together, the Korean did not",
        ("ko", "en"): "both texts changed since they were last looked at together",
    }[tuple(changed)]
    return Difference(
        pair.place,
        f"{what if pair.recorded else 'the two texts were never looked at together'}\n"
        f"    ko: {first_line(pair.korean)}\n"
        f"    en: {first_line(pair.english)}\n"
        f"    when both say the same: python book/_tools/languages.py looked-at {pair.place}",
    )


def problems(book: Path = BOOK) -> list[Difference]:
    """Everything that differs, then what was not looked at in the places where nothing does."""
    found = differences(book)
    different = {difference.place for difference in found}
    alike = [pair for pair in pairs(book) if not {pair.place, _file(pair.place)} & different]
    return found + [difference for pair in alike if (difference := unread(pair))]


# Looking at it


def look(places: list[str], book: Path = BOOK) -> list[str]:
    """Record that the two languages were looked at in these places; the places recorded come back.

    Raises:
        ValueError: where a place does not exist or differs in more than words; then nothing is recorded.
    """
    known = pairs(book)
    chosen = [pair for place in places for pair in _at(place, known)]
    blocking = [
        str(difference)
        for difference in differences(book)
        if any(_names(place, difference.place) or difference.place == _file(place) for place in places)
    ]
    if blocking:
        raise ValueError("nothing was recorded, because more than words differs:\n" + "\n".join(blocking))
    _record_in_notebooks(chosen, book)
    _record_pages(chosen, known, book)
    return sorted({pair.place for pair in chosen})


def _file(place: str) -> str:
    """The chapter or page that a place lies in."""
    return place.partition("#")[0]


def _names(place: str, other: str) -> bool:
    """Whether a place, as it is given to the command, stands for another one or holds it."""
    return place in ("all", other, _file(other))


def _at(place: str, known: list[Pair]) -> list[Pair]:
    """The pairs that a place names."""
    found = [pair for pair in known if _names(place, pair.place)]
    if not found:
        here = [pair.place for pair in known if _file(pair.place) == _file(place)]
        accepted = here or ["all", *sorted({_file(pair.place) for pair in known})]
        raise ValueError(f"there is no place {place!r} in both languages; accepted are: {', '.join(accepted)}")
    return found


def _record_in_notebooks(chosen: list[Pair], book: Path) -> None:
    digests = {pair.place: pair.digests for pair in chosen}
    for path in (book / "ko").rglob("*.ipynb"):
        name = _name(path.relative_to(book / "ko"))
        if name not in map(_file, digests):
            continue
        notebook = read_notebook(path)
        for cell in notebook.cells:
            if f"{name}#{cell.id}" in digests:
                cell.metadata["aebook"] = digests[f"{name}#{cell.id}"]
        store_notebook(notebook, path)


def _record_pages(chosen: list[Pair], known: list[Pair], book: Path) -> None:
    """Write the digests of pages anew; what was recorded of sections that are gone goes too."""
    looked_at = {pair.place for pair in chosen}
    pages = {_name(path) for path in _files(book / "ko") if path.suffix == ".md"}
    if not pages & set(map(_file, looked_at)):
        return
    reviewed: dict[str, dict[str, dict[str, str]]] = {}
    for pair in known:
        name, _, section = pair.place.partition("#")
        digests = pair.digests if pair.place in looked_at else pair.recorded
        if name in pages and digests:
            reviewed.setdefault(name, {})[section] = digests
    store_text(json.dumps(reviewed, indent=1, ensure_ascii=False) + "\n", _reviewed(book))


def main(arguments: list[str], book: Path = BOOK) -> int:
    """Say what differs or was not looked at, or record that it was; 1 where there is anything to do."""
    try:
        if not arguments:
            found = problems(book)
            print("\n".join(map(str, found)) or f"the two languages agree in {len(pairs(book))} places")
            return int(bool(found))
        if arguments[0] == "looked-at" and arguments[1:]:
            print("recorded: " + ", ".join(look(arguments[1:], book)))
            return 0
        print(f"{' '.join(arguments)!r} is not accepted; accepted are: nothing, or looked-at PLACE...")
    except (NotStorable, ValueError) as error:
        print(error)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
