"""book/_tools/results.py: the table's rows are what its recipes give, and what is shipped is what was measured."""

import base64
import json

import pytest
import results
import torch
from torch import nn

from aebook import checkpoints, data
from aebook.models import LinearAutoencoder
from aebook.training import evaluate

ROWS = json.loads(results.RESULTS.read_text(encoding="utf-8"))["rows"]
DIGITS = json.loads(results.RESULTS.read_text(encoding="utf-8"))["digits"]
# What the chapters say of a row, as a bound on the mean test error over its seeds.
AT_MOST = {
    "pca-20": 0.02355,
    "linear-20": 1.01 * 0.02354,
    "stacked-20": 0.0095,
    "conv-20": 0.0055,
    "pca-30": 0.01770,
    "stacked-30": 3.0 / 784,
    "conv-30": 2.7 / 784,
    "article-bf16": 0.0031,
    "article-fp32": 0.0031,
}


def mean_error(row):
    return sum(run["test_error"] for run in row["runs"]) / len(row["runs"])


@pytest.mark.parametrize("name", results.ROWS)
def test_every_row_is_whole_and_as_good_as_it_has_to_be(name):
    row, recipe = ROWS[name], results.ROWS[name].recipe
    assert row.get("recipe") == recipe
    assert [run["seed"] for run in row["runs"]] == (list(results.SEEDS) if recipe else [0])
    assert row["model"] == checkpoints.describe(results.ROWS[name].build()) if recipe else True
    for run in row["runs"]:
        assert run.keys() - {"test_error_in_training_mode"} == {"seed", "test_error", "machine"} | (
            {"seconds"} if recipe else set()
        )
    assert mean_error(row) <= AT_MOST[name]


@pytest.mark.parametrize("name", ROWS)
def test_the_kept_reconstructions_have_about_the_rows_error(name):
    images = data.mnist(train=False).images[DIGITS]
    kept = base64.b64decode(ROWS[name]["reconstructions"])
    pixels = torch.frombuffer(bytearray(kept), dtype=torch.uint8).view(10, 1, 28, 28)
    error = ((pixels.float() - images.float()) / 255).square().mean().item()
    assert 0.3 * mean_error(ROWS[name]) < error < 2 * mean_error(ROWS[name])


@pytest.mark.parametrize("name", results.SHIPPED)
def test_a_shipped_models_error_is_the_measured_one_though_stored_by_halves(name):
    model = results.ROWS[name].build()
    checkpoints.restore(model, results.WEIGHTS / f"{name}.safetensors")
    measured = ROWS[name]["runs"][0]["test_error"]
    assert evaluate(model, data.mnist(train=False).images) == pytest.approx(measured, rel=0.005)


def test_the_shipped_weights_are_under_11_megabytes_in_all():
    sizes = [path.stat().st_size for path in results.WEIGHTS.glob("*.safetensors")]
    assert sizes and sum(sizes) < 11e6


def test_a_row_that_is_trained_again_comes_out_as_in_the_file():
    model, run = results.train("linear-20", seed=1, folder=None)
    known = [run["test_error"] for run in ROWS["linear-20"]["runs"]]
    assert run["test_error"] == pytest.approx(known[1], rel=0.005)
    assert run["seconds"] > 0 and run["machine"]["cores"] >= 1
    assert sum(parameter.numel() for parameter in model.parameters()) == ROWS["linear-20"]["model"]["parameters"]


class Stopped(LinearAutoencoder):
    """Presses the stop button at a step, once."""

    at = 0

    def forward(self, images):
        Stopped.at -= self.training
        if Stopped.at == 0:
            raise KeyboardInterrupt
        return super().forward(images)


def test_an_interrupted_table_goes_on_and_ends_as_if_nothing_had_been(tmp_path, monkeypatch):
    recipe = {"epochs": 2, "learning_rate": 1e-3, "batch_size": 500, "schedule": "one-cycle", "precision": "fp32"}
    monkeypatch.setattr(results, "ROWS", {"small": results.Row(lambda: Stopped(2), recipe)})
    monkeypatch.setattr(results, "SHIPPED", ("small",))
    monkeypatch.setattr(results, "SEEDS", (0, 1))
    tables = []
    for name, stops in (("whole", []), ("stopped", [60, 130, 200])):
        monkeypatch.setattr(results, "RESULTS", tmp_path / name / "results.json")
        monkeypatch.setattr(results, "WEIGHTS", tmp_path / name)
        monkeypatch.setattr(results, "RUNS", tmp_path / name / "runs")
        (tmp_path / name).mkdir()
        for stop in stops:
            Stopped.at = stop
            with pytest.raises(KeyboardInterrupt):
                results.main([])
        Stopped.at = 0
        results.main([])
        results.main(["small"])  # nothing is left to do
        tables.append(json.loads(results.RESULTS.read_text(encoding="utf-8")))
    for table in tables:
        for run in table["rows"]["small"]["runs"]:
            del run["seconds"]
    assert tables[0] == tables[1] and len(tables[0]["rows"]["small"]["runs"]) == 2
    assert (tmp_path / "stopped" / "small.safetensors").exists()


def test_a_row_whose_recipe_has_changed_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    row = {"recipe": {"epochs": 1}, "runs": [{"seed": 0}]}
    results.RESULTS.write_text(json.dumps({"rows": {"linear-20": row}}), encoding="utf-8")
    assert results.kept_row("linear-20") == {"recipe": results.ROWS["linear-20"].recipe, "runs": []}


def test_a_row_that_is_not_there_is_refused_by_name():
    with pytest.raises(SystemExit, match="there is no row deep-20; there are pca-20"):
        results.main(["deep-20"])


def test_the_error_in_training_mode_is_each_batch_by_its_own_statistics_and_leaves_the_model_as_it_was():
    torch.manual_seed(0)
    model = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 1, 1))
    images = data.mnist(train=False).images[:600]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    total = 0
    for batch in (images.float() / 255).split(256):
        normal = (batch - batch.mean()) / (batch.var(unbiased=False) + 1e-5).sqrt()
        total += (model[1](normal) - batch).square().mean().item() * len(batch)
    assert results.error_in_training_mode(model, images) == pytest.approx(total / 600, rel=1e-4)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
