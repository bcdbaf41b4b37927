"""book/_tools/results.py: the table's rows are what its recipes give, and what is shipped is what was measured."""

import base64
import json
import re
from statistics import mean

import pytest
import results
import torch
from torch import nn

from aebook import checkpoints, data, trained
from aebook.models import ConvAutoencoder, LinearAutoencoder
from aebook.training import evaluate

RESULTS = trained.results()
TABLE, OLDER, DIGITS = RESULTS["table"], RESULTS["rows"], RESULTS["digits"]
# What the chapters say of an older row, as a bound on the mean test error over its seeds.
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


def errors(row, kind="test_error"):
    return [run[kind] for run in row["runs"]]


@pytest.mark.parametrize("name", results.ROWS)
def test_every_row_is_whole_and_made_by_its_rule(name):
    row, rule = TABLE[name], results.ROWS[name]
    assert row["rule"] == json.loads(json.dumps(results.rule_of(rule)))
    trains = bool(rule.kind or rule.recipe)
    assert [run["seed"] for run in row["runs"]] == (list(results.SEEDS) if trains else [0])
    for run in row["runs"]:
        keys = {"seed", "validation_error", "test_error", "machine"}
        assert run.keys() - {"test_error_in_training_mode"} == keys
        assert 0 < run["validation_error"] < 0.07 and 0 < run["test_error"] < 0.07
    if trains:
        assert row["model"] == checkpoints.describe(rule.build())


@pytest.mark.parametrize("name", [name for name, row in results.ROWS.items() if row.kind])
def test_a_rows_recipe_is_what_its_rule_chooses_on_the_validation_images(name):
    row = TABLE[name]
    rates, lengths = row["search"]["rates"], row["search"]["lengths"]
    most = results.MOST_EPOCHS[results.ROWS[name].kind]
    assert rates.keys() == {str(rate) for rate in results.RATES}
    epochs = [int(length) for length in lengths]
    assert epochs == [most // 8 * 2**doubled for doubled in range(len(epochs))]
    assert [results.enough(lengths, length, most) for length in epochs] == [*[False] * (len(epochs) - 1), True]
    chosen = {"learning_rate": float(min(rates, key=rates.get)), "epochs": int(min(lengths, key=lengths.get))}
    assert row["recipe"] == results.RULE | chosen


@pytest.mark.parametrize("name", OLDER)
def test_every_older_row_is_as_good_as_the_chapters_say(name):
    assert len(errors(OLDER[name])) == (1 if name.startswith("pca") else 3)
    assert mean(errors(OLDER[name])) <= AT_MOST[name]


@pytest.mark.parametrize("rows", [TABLE, OLDER], ids=["table", "older"])
def test_the_kept_reconstructions_have_about_the_rows_error(rows):
    images = data.mnist(train=False).images[DIGITS]
    for row in rows.values():
        kept = base64.b64decode(row["reconstructions"])
        pixels = torch.frombuffer(bytearray(kept), dtype=torch.uint8).view(10, 1, 28, 28)
        error = ((pixels.float() - images.float()) / 255).square().mean().item()
        assert 0.3 * mean(errors(row)) < error < 2 * mean(errors(row))


@pytest.mark.parametrize("name", trained.SHIPPED)
def test_a_shipped_models_error_is_the_measured_one_though_stored_by_halves(name):
    row = TABLE[name] if name in results.SHIPPED else OLDER[name]
    article = name == "article-bf16"
    model = ConvAutoencoder() if article else results.ROWS[name].build()
    checkpoints.restore(model, trained.weights(name))
    model.to(memory_format=torch.channels_last)  # with smaller batches, half the time for the large ones
    found = evaluate(model, data.mnist(train=False).images, batch_size=100)
    assert found == pytest.approx(errors(row)[0], rel=0.005)


def multiplications(model):
    """How many it does for one image, in its linear layers and convolutions."""
    done = []

    def count(layer, inputs, output):
        if isinstance(layer, nn.ConvTranspose2d):
            done.append(inputs[0][0, 0].numel() * layer.weight.numel())
        elif isinstance(layer, nn.Conv2d):
            done.append(output[0, 0].numel() * layer.weight.numel())
        elif isinstance(layer, nn.Linear):
            done.append(layer.weight.numel())

    for module in model.modules():
        module.register_forward_hook(count)
    model.eval()(torch.zeros(1, 1, 28, 28))
    return sum(done)


def test_the_dense_rows_that_are_matched_to_the_light_one_are_within_a_hundredth_of_it():
    light, parameters, work = (
        results.ROWS[name].build() for name in ("light-20", "dense-parameters-20", "dense-multiplications-20")
    )
    counted = [checkpoints.describe(model)["parameters"] for model in (light, parameters)]
    assert counted[1] == pytest.approx(counted[0], rel=0.01)
    assert multiplications(light) == 4_123_840  # counted by hand, layer by layer
    assert multiplications(work) == pytest.approx(multiplications(light), rel=0.01)


def test_what_the_record_s_search_tried_is_said_in_both_languages():
    tried = RESULTS["tried"]
    assert 0 < TABLE["record-30"]["runs"][0]["validation_error"] * 784 < tried["start"]
    for step in tried["steps"] + tried["together"]:
        assert step.keys() == {"error", "en", "ko"} and 1 < step["error"] < 3
        assert re.search("[가-힣]|SiLU", step["ko"]) and not re.search("[가-힣]", step["en"])


def test_the_shipped_weights_are_under_13_megabytes_in_all():
    sizes = [path.stat().st_size for path in results.WEIGHTS.glob("*.safetensors")]
    assert sizes and sum(sizes) < 13e6


def test_what_is_computed_comes_out_as_in_the_file():
    for name in ("pca-2", "pca-clamped-20"):
        _, run = results.train(name, seed=0)
        for kind in ("validation_error", "test_error"):
            assert run[kind] == pytest.approx(errors(TABLE[name], kind)[0], rel=1e-4)


def test_a_row_that_is_trained_again_comes_out_as_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RUNS", tmp_path)
    _, run = results.train("linear-20", seed=1)
    for kind in ("validation_error", "test_error"):
        assert run[kind] == pytest.approx(errors(TABLE["linear-20"], kind)[1], rel=0.005)


class Stopped(LinearAutoencoder):
    """Presses the stop button at a step, once."""

    at = 0

    def forward(self, images):
        Stopped.at -= self.training
        if Stopped.at == 0:
            raise KeyboardInterrupt
        return super().forward(images)


@pytest.fixture
def small(monkeypatch):
    """A table of three rows over a few images, in a folder that a test names; what pages run is left as it is."""
    few = data.Digits(*(part[:600] for part in data.mnist(train=False)))
    own = {"epochs": 2, "learning_rate": 1e-3, "batch_size": 100, "schedule": None, "precision": "fp32"}
    rows = {
        "ruled": results.Row(lambda: Stopped(2), "dense"),
        "like": results.Row(lambda: Stopped(2), like="ruled", recipe={"batch_size": 50}),
        "own": results.Row(lambda: Stopped(2), recipe=own),
    }
    monkeypatch.setattr(results, "ROWS", rows)
    monkeypatch.setattr(results, "SHIPPED", ("own",))
    monkeypatch.setattr(results, "SEEDS", (0, 1))
    monkeypatch.setattr(results, "SEARCHED", 300)
    monkeypatch.setattr(results, "MOST_EPOCHS", {"dense": 8})
    monkeypatch.setattr(data, "split", lambda: (few, few))
    packings = []
    monkeypatch.setattr(results.packing, "pack", lambda: packings.append(results.RESULTS.parent.name))

    def use(folder):
        monkeypatch.setattr(results, "RESULTS", folder / "results.json")
        monkeypatch.setattr(results, "WEIGHTS", folder)
        monkeypatch.setattr(results, "RUNS", folder / "runs")
        folder.mkdir()
        return packings

    return use


def test_an_interrupted_table_goes_on_and_ends_as_if_nothing_had_been(tmp_path, small):
    tables = []
    for name, stops in (("whole", []), ("stopped", [3, 20, 40, 60])):
        packings = small(tmp_path / name)
        for stop in stops:
            Stopped.at = stop
            with pytest.raises(KeyboardInterrupt):
                results.main([])
        Stopped.at = 0
        results.main([])
        results.main(["own"])  # nothing is left to do
        tables.append(json.loads(results.RESULTS.read_text(encoding="utf-8")))
    assert tables[0] == tables[1]
    assert packings == ["whole", "stopped"]  # when a table is whole, and then alone
    ruled, like, own = (tables[0]["table"][name] for name in ("ruled", "like", "own"))
    assert [len(row["runs"]) for row in (ruled, like, own)] == [2, 2, 2]
    assert like["recipe"] == ruled["recipe"] | {"batch_size": 50} and own["recipe"]["epochs"] == 2
    assert (tmp_path / "stopped" / "own.safetensors").exists()


def test_a_row_whose_rule_has_changed_is_made_anew_and_older_figures_stay(tmp_path, small):
    small(tmp_path / "here")
    results.main(["own"])
    kept = results.stored() | {"rows": {"older": "figures"}}
    results.RESULTS.write_text(json.dumps(kept), encoding="utf-8")
    results.ROWS["own"].recipe["epochs"] = 1
    assert results.kept_row("own")["runs"] == []
    results.main(["own"])
    assert results.stored()["table"]["own"]["recipe"]["epochs"] == 1
    assert results.stored()["rows"] == {"older": "figures"}


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
