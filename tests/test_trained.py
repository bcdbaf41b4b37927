"""aebook.trained: what the book has trained is found in the package, wherever the reader stands."""

import pytest

from aebook import checkpoints, data, trained
from aebook.models import LinearAutoencoder
from aebook.training import evaluate


@pytest.mark.parametrize("name", trained.SHIPPED)
def test_the_weights_of_every_shipped_row_are_a_whole_checkpoint(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tensors, about = checkpoints.load(trained.weights(name))
    results = trained.results()
    row = results["rows"].get(name) or results["table"][name]
    assert tensors and about["model"] == row["model"]


def test_every_shipped_file_has_its_name_among_those_that_can_be_asked_for():
    assert {path.stem for path in trained.WEIGHTS.glob("*.safetensors")} == set(trained.SHIPPED)


def test_restored_weights_have_the_error_that_the_table_says():
    checkpoints.restore(model := LinearAutoencoder(20), trained.weights("linear-20"))
    said = trained.results()["rows"]["linear-20"]["runs"][0]["test_error"]
    assert evaluate(model, data.mnist(train=False).images) == pytest.approx(said, rel=0.005)


@pytest.mark.parametrize("name", ["pca-20", "deep", "", None, "../results", "linear-20.safetensors"])
def test_other_names_are_refused_with_the_names_there_are(name):
    with pytest.raises(ValueError) as refusal:
        trained.weights(name)
    names = "linear-20, stacked-20, conv-20, article-bf16, light-20, page-stacked-20, record-30"
    assert str(refusal.value) == f"there are no weights called {name!r}; there are {names}"


def test_a_missing_file_is_named_with_the_way_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(trained, "WEIGHTS", tmp_path)
    monkeypatch.setattr(trained, "RESULTS", tmp_path / "results.json")
    for ask, name, what in (
        (lambda: trained.weights("conv-20"), "conv-20.safetensors", "the weights of 'conv-20'"),
        (trained.results, "results.json", "the table of results"),
    ):
        with pytest.raises(FileNotFoundError) as refusal:
            ask()
        said = f"there is no {tmp_path / name}, which is to hold {what}: install aebook again"
        assert str(refusal.value) == said
