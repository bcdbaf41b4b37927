"""aebook.trained: what the book has trained is found in the package, wherever the reader stands."""

import subprocess
import sys

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
    assert {path.stem for path in trained.WEIGHTS.glob("*.safetensors")} == set(trained.SHIPPED + trained.USES)


def test_restored_weights_have_the_error_that_the_table_says():
    checkpoints.restore(model := LinearAutoencoder(20), trained.weights("linear-20"))
    said = trained.results()["table"]["linear-20"]["runs"][0]["test_error"]
    assert evaluate(model, data.mnist(train=False).images) == pytest.approx(said, rel=0.005)


@pytest.mark.parametrize("name", ["pca-30", "deep", "", None, "../results", "linear-20.safetensors"])
def test_other_names_are_refused_with_the_names_there_are(name):
    with pytest.raises(ValueError) as refusal:
        trained.weights(name)
    names = "conv-20, article-bf16, linear-20, light-20, page-stacked-20, record-30, pca-2, page-stacked-2"
    assert str(refusal.value).startswith(f"there are no weights called {name!r}; there are {names}")


@pytest.mark.parametrize("name", ["clouds", "", None, "../results"])
def test_a_chapter_that_nothing_was_measured_for_is_refused_with_those_there_are(name):
    with pytest.raises(ValueError, match=r"^nothing was measured for .*; there is "):
        trained.measured(name)


def test_the_packed_models_are_found_in_a_folder_that_holds_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = {trained.net(name, half) for name in trained.PAGES for half in trained.HALVES}
    known = {f"{name}.json" for name in trained.PAGES}
    assert {path.name for path in found} | known == {path.name for path in trained.PACKED.iterdir()}
    assert list(trained.packed()) == list(trained.PAGES) and len(found) == 16


def test_pages_find_the_packed_models_where_pytorch_is_not():
    program = """if True:
        import sys
        from aebook import trained
        print(len(trained.packed()), len(trained.net("pca-2", "decoder").read_bytes()) > 0, "torch" in sys.modules)
    """
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["8", "True", "False"]


@pytest.mark.parametrize("name", ["conv-20", "", None, "../packed"])
def test_other_packed_models_and_halves_are_refused_with_the_names_there_are(name):
    with pytest.raises(ValueError) as refusal:
        trained.net(name, "encoder")
    names = (
        "linear-20, page-stacked-20, light-20, pca-2, page-stacked-2, sampling-vae-20, sampling-vae-2, denoiser"
    )
    assert str(refusal.value) == f"there is no packed model called {name!r}; there are {names}"
    with pytest.raises(ValueError, match="half must be one of encoder, decoder, and is "):
        trained.net("pca-2", name)


def test_a_missing_file_is_named_with_the_way_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(trained, "WEIGHTS", tmp_path)
    monkeypatch.setattr(trained, "PACKED", tmp_path)
    monkeypatch.setattr(trained, "RESULTS", tmp_path / "results.json")
    for ask, name, what in (
        (lambda: trained.weights("conv-20"), "conv-20.safetensors", "the weights of 'conv-20'"),
        (lambda: trained.net("pca-2", "decoder"), "pca-2.decoder.net", "the decoder of 'pca-2'"),
        (trained.packed, "linear-20.json", "what is known of 'linear-20'"),
        (trained.results, "results.json", "the table of results"),
    ):
        with pytest.raises(FileNotFoundError) as refusal:
            ask()
        said = f"there is no {tmp_path / name}, which is to hold {what}: install aebook again"
        assert str(refusal.value) == said
