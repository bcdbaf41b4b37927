"""What all widgets share: spec.json as Python and JavaScript read it, the traits made of it, and the refusals."""

import base64
import json
import random

import numpy as np
import pytest
import torch
import traitlets
from javascript import call

from aebook.widgets import spec as specs
from aebook.widgets.widget import Widget

SETTINGS = {
    "whole": {"kind": "whole", "low": -2, "high": 9, "default": 3},
    "pair": {"kind": "pair", "low": 1, "high": 4, "default": 1},
    "number": {"kind": "number", "default": 0.5},
    "ratio": {"kind": "number", "low": 0, "high": 1, "default": 0.5},
    "flag": {"kind": "flag", "default": False},
    "choice": {"kind": "choice", "of": ["one", "two"], "default": "one"},
    "numbers": {"kind": "numbers", "longest": 3, "default": []},
    "rows": {"kind": "rows", "longest": 2, "default": [[1]]},
    "table": {
        "kind": "table",
        "longest": 2,
        "columns": {"a": {"low": 0, "high": 4}, "b": {"low": 1, "high": 2}},
        "default": [[1, 2]],
    },
    "note": {"kind": "text", "longest": 5, "default": ""},
    "net": {"kind": "bytes"},
}


def make(folder, settings=SETTINGS, **more):
    """A widget's folder, with those settings and nothing else."""
    folder.mkdir(exist_ok=True)
    room, words = {"en": {"wide": 100, "narrow": 200}}, {"en": "a stub", "ko": "견본"}
    said = {"class": "Stub", "fallback": words, "room": room, "settings": settings, **more}
    (folder / "spec.json").write_text(json.dumps(said), encoding="utf-8")
    (folder / "style.css").write_text("", encoding="utf-8")
    return folder


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """A widget's class, whose folder is no part of the package."""
    monkeypatch.setattr(specs, "modules", lambda spec, *house: {})
    return type("Stub", (Widget,), {"folder": make(tmp_path / "stub")})


def some_value(generator):
    """A value of any kind that JSON has."""
    numbers = [
        generator.choice([0, 1, -2, 9, 2.5, 1e39, -1e39, 0.5, 4, 10]) for _ in range(generator.randint(0, 4))
    ]
    return generator.choice(
        [
            *[*numbers, numbers, numbers[:2], [numbers], [numbers[:2], [1, 2]], [[1], [1, 2]], True, False, None],
            *[
                "one",
                "two",
                "three",
                "letters",
                {},
                [True],
                [["1"]],
                [[]],
                [[], []],
                [[True, 1]],
                [[0, 2], [4, 1]],
            ],
        ]
    )


def test_python_and_javascript_take_the_same_values(tmp_path):
    generator = random.Random(0)
    names = [name for name in SETTINGS if name != "net"]
    cases = [(name, some_value(generator)) for name in names for _ in range(200)]
    asked = [("takes", {"settings": {name: SETTINGS[name]}}, name, value) for name, value in cases]
    said = call(tmp_path, "lib/state.js", asked)
    spec = specs.read(make(tmp_path / "stub"))
    taken = {name: set() for name in names}
    for (name, value), theirs in zip(cases, said, strict=True):
        try:
            spec.taken(name, value)
            ours = True
        except ValueError as error:
            assert str(error).startswith(f"{name} must be ")
            ours = False
        assert ours == theirs, (name, value)
        taken[name].add(ours)
    assert all(each == {True, False} for each in taken.values())


def test_settings_are_traits_and_a_list_is_each_widgets_own(stub):
    first, second = stub(whole=4, pair=(1, 2), note="five5"), stub()
    assert (first.whole, first.pair, first.note, first.language, second.whole) == (4, (1, 2), "five5", "en", 3)
    first.rows.append([2])
    assert second.rows == [[1]]
    assert type(stub(whole=np.int8(2)).whole) is int
    assert stub(rows=torch.eye(2)).rows == [[1, 0], [0, 1]] and stub(numbers=np.arange(3)).numbers == [0, 1, 2]
    assert {name for name in SETTINGS if name in first.keys} == set(SETTINGS)  # all of them go to the view


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("whole", 10, "an integer from -2 to 9, and is 10"),
        ("ratio", 2, "a number from 0 to 1, and is 2"),
        ("flag", 1, "True or False, and is 1"),
        ("choice", "three", r"one of \['one', 'two'\], and is 'three'"),
        (
            "table",
            [[5, 1]],
            r"1 to 2 rows of integers, each with a from 0 to 4, b from 1 to 2, and is \[\[5, 1\]\]",
        ),
        ("note", "letters", "a text of at most 5 letters"),
        ("net", 3, "bytes, and is 3"),
        ("net", "no base64", "bytes"),
        ("language", "fr", "one of"),
    ],
)
def test_a_value_that_is_not_taken_is_refused_with_what_is(stub, name, value, accepted):
    with pytest.raises(traitlets.TraitError, match=f"{name} must be {accepted}"):
        stub(**{name: value})
    widget = stub()
    with pytest.raises(traitlets.TraitError, match=f"{name} must be {accepted}"):
        setattr(widget, name, value)


def test_a_misspelt_name_is_refused_on_construction_and_on_assignment(stub):
    with pytest.raises(traitlets.TraitError, match="no setting is called whol; there are choice, flag"):
        stub(whol=3)
    widget = stub()
    with pytest.raises(AttributeError, match="no setting is called whol; there are choice, flag"):
        widget.whol = 3


def test_bytes_are_taken_as_buffers_and_as_base64_and_stay_out_of_pages(stub):
    widget = stub(net=bytearray(b"abc"))
    for sent in (memoryview(b"net"), base64.b64encode(b"net").decode()):
        widget.set_state({"net": sent})
        assert widget.net == b"net"
    data, _ = widget._repr_mimebundle_()
    assert "bmV0" not in data["text/html"] and "&quot;net&quot;" not in data["text/html"]


def test_weights_and_data_are_sent_when_the_view_asks_and_not_before(tmp_path, monkeypatch):
    monkeypatch.setattr(specs, "modules", lambda spec, *house: {})
    monkeypatch.setattr(specs, "PACKED", tmp_path)
    folder = make(tmp_path / "stub", weights=["small"], data=["digits.bin"])
    (tmp_path / "small.net").write_bytes(b"AENN")
    (folder / "digits.bin").write_bytes(b"0123")
    widget = type("Stub", (Widget,), {"folder": folder})()
    assert (getattr(widget, "weights/small"), getattr(widget, "stub/digits.bin")) == (b"", b"")
    for path in ("weights/small", "stub/digits.bin", "../secret", None):
        widget._handle_custom_msg({"load": path}, [])
    widget._handle_custom_msg("load", [])
    assert (getattr(widget, "weights/small"), getattr(widget, "stub/digits.bin")) == (b"AENN", b"0123")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"settings": {"a": {"kind": "hole", "default": 1}}}, "'hole'"),
        ({"settings": {"a": {"kind": "whole", "low": 1, "high": 2}}}, "'default'"),
        ({"settings": {"a": {"kind": "whole", "low": 1, "high": 2, "default": 3}}}, "a must be .* and is 3"),
        ({"rooms": {}}, "rooms"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(tmp_path, said, complaint):
    folder = make(tmp_path / "stub", **{"settings": {}, **said})
    with pytest.raises(ValueError, match=complaint):
        specs.read(folder)


def test_a_setting_called_as_what_every_widget_has_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(specs, "modules", lambda spec, *house: {})
    folder = make(tmp_path / "stub", settings={"layout": SETTINGS["whole"]})
    with pytest.raises(ValueError, match="cannot be called layout"):
        type("Stub", (Widget,), {"folder": folder})


def test_the_modules_of_a_widget_are_its_own_and_those_they_import():
    for spec in specs.found().values():
        modules = specs.modules(spec)
        assert {path.name for path in spec.folder.glob("*.js")} <= {path.rpartition("/")[2] for path in modules}
        for path, text in modules.items():
            place = (specs.PACKED.parent if path.startswith("packed/") else specs.WIDGETS) / path
            assert place.read_text(encoding="utf-8") == text
        assert f"{spec.name}/spec.json" in modules and set(spec.fallback) == set(specs.LANGUAGES)
