"""src/aebook/measured: whole, and made by the recipes that book/_tools has for it."""

import importlib
import json

import pytest
import uses

from aebook import trained

MEASURES = {chapter: importlib.import_module(chapter).MEASURES for chapter in uses.CHAPTERS}


@pytest.mark.parametrize(
    ("chapter", "name"), [(chapter, name) for chapter, measures in MEASURES.items() for name in measures]
)
def test_every_measure_was_made_by_its_recipe_once_with_each_seed(chapter, name):
    row, measure = trained.measured(chapter)[name], MEASURES[chapter][name]
    assert row["recipe"] == json.loads(json.dumps(measure.recipe))
    assert [run["seed"] for run in row["runs"]] == list(measure.seeds)


@pytest.mark.parametrize("chapter", MEASURES)
def test_nothing_is_kept_of_what_is_no_longer_measured(chapter):
    assert trained.measured(chapter).keys() == MEASURES[chapter].keys()
