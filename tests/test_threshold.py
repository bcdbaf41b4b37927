"""The arithmetic of the widget Threshold against scikit-learn's, what it carries, and what it takes."""

import json
import math
import re

import numpy as np
import pytest
import thresholds
import torch
from javascript import WIDGETS, call
from sklearn.metrics import roc_auc_score, roc_curve

from aebook import Threshold

SCRIPT = "threshold/counting.js"


def cases():
    """Pairs of scores: apart, mixed, with many ties, of all sizes, one alone, all alike."""
    chance = np.random.default_rng(0)
    made = [
        (chance.normal(size=a), chance.normal(m, size=b)) for a, b, m in ((50, 30, 0), (1, 9, 1), (200, 1, -2))
    ]
    made += [(chance.integers(0, 4, 60).astype(float), chance.integers(1, 5, 40).astype(float)) for _ in range(5)]
    return [*made, (np.zeros(3), np.zeros(4)), (np.arange(5.0), np.arange(5.0) + 9)]


def both(familiar, unfamiliar):
    return np.r_[np.zeros(len(familiar)), np.ones(len(unfamiliar))], np.r_[familiar, unfamiliar]


def test_the_curve_and_its_area_are_scikit_learns(tmp_path):
    curves = call(tmp_path, SCRIPT, [("curve", *case) for case in cases()])
    areas = call(tmp_path, SCRIPT, [("area", curve) for curve in curves])
    for case, curve, area in zip(cases(), curves, areas, strict=True):
        alarms, hits, _ = roc_curve(*both(*case), drop_intermediate=False)
        np.testing.assert_allclose(curve, np.stack([alarms, hits], axis=1), atol=1e-12)
        assert area == pytest.approx(roc_auc_score(*both(*case)), abs=1e-12)


def test_alarms_are_the_scores_above_the_threshold(tmp_path):
    asked = [(scores, float(at)) for case in cases() for scores in case for at in (*scores[:3], 0.5, -9)]
    found = call(tmp_path, SCRIPT, [("above", *each) for each in asked])
    assert found == [int((scores > at).sum()) for scores, at in asked] and len(set(found)) > 10


def test_at_first_no_more_than_the_share_of_familiar_scores_is_above(tmp_path):
    lists = [familiar for familiar, _ in cases()]
    found = call(tmp_path, SCRIPT, [("exceededBy", scores, 0.05) for scores in lists])
    for scores, threshold in zip(lists, found, strict=True):
        assert (scores > threshold).mean() <= 0.05
        assert (scores >= threshold).mean() > 0.05, "a lower one would be too low"


def test_an_axis_holds_all_scores_in_order_and_leads_back_and_every_score_is_counted_once(tmp_path):
    wide = [(np.exp(3 * a), np.exp(3 * b)) for a, b in cases()[:3]]
    pairs = cases() + wide
    found = call(tmp_path, SCRIPT, [("laidOut", familiar, unfamiliar, 16) for familiar, unfamiliar in pairs])
    for (familiar, unfamiliar), laid in zip(pairs, found, strict=True):
        places = np.array(laid["places"])
        assert ((places >= 0) & (places <= 1)).all()
        assert (np.diff(places[np.argsort(unfamiliar, kind="stable")]) >= 0).all()
        np.testing.assert_allclose(laid["back"], unfamiliar, rtol=1e-9, atol=1e-9)
        assert sum(laid["shares"]) == pytest.approx(1)
        every = np.r_[familiar, unfamiliar]
        assert laid["isWide"] == (every.min() > 0 and every.max() > 20 * every.min())
    assert [laid["isWide"] for laid in found[-3:]].count(True) >= 2


def test_what_the_page_carries_is_read_as_it_was_written(tmp_path):
    carried = thresholds.PLACE.read_bytes()
    (read,) = call(tmp_path, SCRIPT, [("unpacked", np.frombuffer(carried, np.uint8))])
    found = thresholds.scores()
    assert read.keys() == found.keys() and len(carried) < 50_000
    settings = json.loads((WIDGETS / "threshold" / "spec.json").read_text(encoding="utf-8"))["settings"]
    assert {*read["unfamiliar"], "own"} == set(settings["kind"]["of"])
    for role, sets in found.items():
        for name, by_score in sets.items():
            assert list(by_score) == settings["score"]["of"]
            for score, values in by_score.items():
                np.testing.assert_allclose(
                    read[role][name][score], values, rtol=5e-3, err_msg=f"{role} {name} {score}"
                )


def test_scores_travel_as_they_are():
    chance = torch.Generator().manual_seed(0)
    usual, new = torch.rand(50, generator=chance), torch.rand(9, generator=chance) + 1
    for kind in (torch.Tensor.clone, torch.Tensor.numpy, torch.Tensor.tolist):
        widget = Threshold(familiar=kind(usual), unfamiliar=kind(new))
        assert widget.kind == "own"
        np.testing.assert_array_equal(widget.familiar, usual.double())
        np.testing.assert_array_equal(widget.unfamiliar, new.double())
    widget.unfamiliar = usual
    np.testing.assert_array_equal(widget.unfamiliar, usual.double())
    assert Threshold().kind == "without-2" and Threshold().usual == b""


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"familiar": [1.0]}, ValueError, "one of them is missing"),
        ({"familiar": [1.0], "unfamiliar": []}, ValueError, r"has the shape \(0,\)"),
        ({"familiar": [[1.0]], "unfamiliar": [1.0]}, ValueError, r"has the shape \(1, 1\)"),
        ({"familiar": [1.0, math.nan], "unfamiliar": [1.0]}, ValueError, "1 of 2 are nan or infinite"),
        ({"familiar": "many", "unfamiliar": [1.0]}, TypeError, "must be numbers"),
    ],
)
def test_what_are_no_scores_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        Threshold(**arguments)


def test_the_two_languages_have_the_same_words():
    keys = [
        re.findall(
            r"^ +\"?([\w-]+)\"?:", (WIDGETS / "threshold" / f"words.{language}.js").read_text("utf-8"), re.M
        )
        for language in ("ko", "en")
    ]
    assert keys[0] == keys[1] and len(keys[0]) > 20
