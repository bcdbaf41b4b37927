"""What the folder of a widget says of it, without PyTorch: the pages of the book are built without it.

A folder's ``spec.json`` names the class, the words that stand in the widget's place until it is there, the room
kept free for it, its settings, and the weights and data that it may ask for. Traits, directive, address and view
all read it; in JavaScript it is ``lib/state.js`` that does.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path, PurePosixPath

WIDGETS = Path(__file__).parent
PACKED = WIDGETS.parent / "packed"  # the nets that the book has trained, and what is known of them
LANGUAGES = ("ko", "en")
LARGEST = (2 - 2**-23) * 2.0**127  # of the numbers taken, either way from 0: float32's
IMPORT = re.compile(r'^(?:import|export)\b[^;"\']*?"(\.{1,2}/[^"]+)"', re.MULTILINE)
REFUSED = object()


@dataclass(frozen=True)
class Spec:
    """A widget's ``spec.json``, and the folder that it lies in, whose name is the widget's."""

    folder: Path
    class_name: str
    fallback: dict[str, str]
    room: dict[str, dict[str, int]]  # pixels of height by language, on a wide page and on a narrow one
    settings: dict[str, dict]
    weights: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What mount points, the directive and the page's address call the widget."""
        return self.folder.name

    @property
    def carried(self) -> dict[str, Path]:
        """The files of bytes that a view may ask for, by the name that it asks with."""
        suffixes = {name: "" if name.endswith(".json") else ".net" for name in self.weights}
        weights = {f"weights/{name}": PACKED / f"{name}{suffix}" for name, suffix in suffixes.items()}
        return {**weights, **{f"{self.name}/{name}": self.folder / name for name in self.data}}

    def taken(self, name: str, value):
        """A setting's value as it is kept: NumPy's and PyTorch's numbers as Python's, a pair as a tuple.

        Raises:
            ValueError: a value that the setting does not take.
        """
        setting = self.settings[name]
        kept = KINDS[setting["kind"]].taken(setting, value)
        if kept is REFUSED:
            raise ValueError(f"{name} must be {accepted(setting)}, and is {value!r}")
        return kept


def read(folder: Path) -> Spec:
    """The widget in that folder.

    Raises:
        ValueError: a ``spec.json`` with a key or a kind of setting that is not known, or without one it needs.
    """
    text = (folder / "spec.json").read_text(encoding="utf-8")
    said = {"class_name" if key == "class" else key: value for key, value in json.loads(text).items()}
    language = {"kind": "choice", "of": list(LANGUAGES), "default": "en"}
    try:
        spec = Spec(folder, **{**said, "settings": {"language": language, **said["settings"]}})
        for name, setting in spec.settings.items():
            if setting["kind"] != "bytes":
                spec.taken(name, setting["default"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{folder.name}/spec.json: {error} is missing or unknown") from error
    return spec


def found() -> dict[str, Spec]:
    """Every widget there is, by its name."""
    return {place.parent.name: read(place.parent) for place in sorted(WIDGETS.glob("*/spec.json"))}


def modules(spec: Spec, *house: str) -> dict[str, str]:
    """The source of each module of a widget, by its path in ``widgets``, and of all that they import.

    Args:
        spec: the widget's.
        house: paths of modules that it is loaded with; one that has a worker needs ``workers.js`` too.
    """
    own = [f"{spec.name}/{place.name}" for place in sorted(spec.folder.glob("*.js"))]
    sources, asked = {}, [*house, *own, f"{spec.name}/spec.json"]
    if f"{spec.name}/worker.js" in own:
        asked.append("workers.js")
    while asked:
        path = asked.pop()
        if path not in sources:
            sources[path] = (WIDGETS / path).read_text(encoding="utf-8")
            asked += [_resolved(path, lead) for lead in IMPORT.findall(sources[path])]
    return dict(sorted(sources.items()))


def sheets(spec: Spec) -> dict[str, Path]:
    """The style sheets of a widget by their paths in ``widgets``: its modules' own, and its own."""
    beside = {path: WIDGETS / path for path in (f"{module[:-3]}.css" for module in modules(spec))}
    own = {f"{spec.name}.css": spec.folder / "style.css"}
    return {path: place for path, place in beside.items() if place.is_file()} | own


def _resolved(path, lead):
    """The path that a relative import in a module leads to; as in a page's address, nothing is above the first."""
    parts = list(PurePosixPath(path).parent.parts)
    for part in PurePosixPath(lead).parts:
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return "/".join(parts)


def mount_point(spec: Spec, state: dict, language: str) -> str:
    """The HTML that ``book/assets/mount.js`` puts the widget into, and what stands there until it does.

    Args:
        spec: the widget's.
        state: the settings to begin with; those left out are as ``spec.json`` has them.
        language: of the words that stand there; the widget takes its own from ``state``, or from the page.
    """
    text = html.escape(json.dumps(state, ensure_ascii=False))
    picture = spec.folder / "picture.svg"
    drawn = picture.read_text(encoding="utf-8").strip() if picture.is_file() else ""
    return f'<div data-aebook-widget="{spec.name}" data-state="{text}">{spec.fallback[language]}{drawn}</div>'


# ------------------------------------------------------------------------------------------- the kinds of settings


@dataclass(frozen=True)
class Kind:
    """What settings of a kind take: in words, and as a function that gives the value as it is kept, or REFUSED."""

    words: str
    taken: Callable


def accepted(setting: dict) -> str:
    """What a setting takes, in words."""
    if setting["kind"] == "number" and "low" in setting:
        return "a number from {low} to {high}".format(**setting)
    if setting["kind"] == "table":
        columns = [f"{name} from {low} to {high}" for name, (low, high) in _bounds(setting).items()]
        return f"1 to {setting['longest']} rows of integers, each with {', '.join(columns)}"
    return KINDS[setting["kind"]].words.format(**setting)


def from_text(setting: dict, text: str):
    """The value of a setting that the option of a directive says.

    Raises:
        ValueError: it says none that the setting takes.
    """
    if setting["kind"] in ("whole", "pair") and not text.startswith("["):
        value = int(text)
        if not setting["low"] <= value <= setting["high"]:
            raise ValueError(f"must be from {setting['low']} to {setting['high']}")
        return value
    value = text if setting["kind"] in ("choice", "text") else json.loads(text)
    kept = KINDS[setting["kind"]].taken(setting, value)
    if kept is REFUSED:
        raise ValueError(f"must be {accepted(setting)}")
    return kept


def _whole(setting, value):
    fits = isinstance(value, Integral) and not isinstance(value, bool)
    return int(value) if fits and setting["low"] <= value <= setting["high"] else REFUSED


def _pair(setting, value):
    if not (isinstance(value, tuple | list) and len(value) == 2):
        return _whole(setting, value)
    both = tuple(_whole(setting, one) for one in value)
    return REFUSED if REFUSED in both else both


def _number(setting, value):
    low, high = setting.get("low", -LARGEST), setting.get("high", LARGEST)
    fits = isinstance(value, Real) and not isinstance(value, bool) and low <= value <= high
    return float(value) if fits else REFUSED


def _numbers(setting, value):
    """A list of numbers; a tensor or an array is taken too."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(listed, tuple | list) or len(listed) > setting["longest"]:
        return REFUSED
    numbers = [_number({}, one.item() if hasattr(one, "item") else one) for one in listed]
    return REFUSED if REFUSED in numbers else numbers


def _rows(setting, value):
    """Lists of numbers, equally long; a tensor or an array (H, W) is taken too."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(listed, tuple | list) or not 0 < len(listed) <= setting["longest"]:
        return REFUSED
    rows = [_numbers(setting, row) for row in listed]
    if REFUSED in rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        return REFUSED
    return rows


def _bounds(setting):
    """The lowest and the highest integer of each column of a table."""
    return {name: (column["low"], column["high"]) for name, column in setting["columns"].items()}


def _table(setting, value):
    """Lists of integers, one for each column; a tensor or an array (rows, columns) is taken too."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(listed, tuple | list) or not 0 < len(listed) <= setting["longest"]:
        return REFUSED
    columns = list(setting["columns"].values())
    if any(not isinstance(row, tuple | list) or len(row) != len(columns) for row in listed):
        return REFUSED
    rows = [[_whole(column, one) for column, one in zip(columns, row, strict=True)] for row in listed]
    return REFUSED if any(REFUSED in row for row in rows) else rows


def _text(setting, value):
    return value if isinstance(value, str) and len(value) <= setting["longest"] else REFUSED


def _bytes(setting, value):
    """Bytes, or what a front end without buffers sends in their place: base64."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else REFUSED
    except binascii.Error:
        return REFUSED


KINDS = {
    "whole": Kind("an integer from {low} to {high}", _whole),
    "pair": Kind("an integer from {low} to {high}, or a pair of them", _pair),
    "number": Kind("a number within float32's range", _number),
    "flag": Kind("True or False", lambda setting, value: value if isinstance(value, bool) else REFUSED),
    "choice": Kind("one of {of}", lambda setting, value: value if value in setting["of"] else REFUSED),
    "numbers": Kind("numbers within float32's range, at most {longest}", _numbers),
    "rows": Kind("rows of numbers, equally long, at most {longest} each way, within float32's range", _rows),
    "table": Kind("rows of integers within the bounds of their columns", _table),
    "text": Kind("a text of at most {longest} letters", _text),
    "bytes": Kind("bytes", _bytes),
}
