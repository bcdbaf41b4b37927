"""Trains every row of the book's table of results, with several seeds, and ships some of the weights.

    python book/_tools/results.py [ROW …]        # or `make results`; without names, all rows

It takes hours on two cores. Stop it at any moment: it goes on from its last checkpoint, kept in _build/results.

src/aebook/results.json holds, under "digits", the test images whose reconstructions it keeps, and under "rows", by
name:

    model            {"class", "code_size", "parameters"}
    recipe           what ``fit`` was given; absent from PCA, which is computed
    runs             one for each seed: {"seed", "test_error", "test_error_in_training_mode", "seconds", "machine"}
                     test_error: mean squared error per pixel over the 10,000 test images, evaluation mode, fp32
                     test_error_in_training_mode: the same, each batch of 256 normalized by itself; where there is
                     batch normalization
                     seconds: the fastest epoch's, times the epochs: other work on the machine counts little so
                     machine: {"processor", "cores", "torch"}
    reconstructions  of the digits, by seed 0: 28×28 bytes each, in base64

A run that is in the file is not made again, unless its recipe or its model has changed since.
Weights of seed 0, as float16: src/aebook/weights/<row>.safetensors, for the rows in SHIPPED.
"""

import base64
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook import checkpoints, data
from aebook.models import ConvAutoencoder, LinearAutoencoder, StackedAutoencoder
from aebook.trained import RESULTS, SHIPPED, WEIGHTS
from aebook.training import evaluate, fit

RUNS = Path(__file__).parents[2] / "_build" / "results"  # the checkpoints of runs under way
SEEDS = (0, 1, 2)


@dataclass
class Row:
    """A line of the table: a model, and how it is trained; without a recipe, ``build`` makes it ready."""

    build: Callable[[], nn.Module]
    recipe: dict | None = None


ARTICLE = {"epochs": 5, "learning_rate": 2e-4, "batch_size": 256, "schedule": None}
ONE_CYCLE = {"learning_rate": 2e-3, "batch_size": 256, "schedule": "one-cycle"}


def stacked(code_size: int) -> StackedAutoencoder:
    """The 2006 network with a code of any size."""
    return StackedAutoencoder((784, 1000, 500, 250, code_size))


def pca(code_size: int) -> LinearAutoencoder:
    """The best linear autoencoder for the training images."""
    return LinearAutoencoder.from_pca(data.mnist().images.float() / 255, code_size)


ROWS = {
    "pca-20": Row(lambda: pca(20)),
    "linear-20": Row(
        lambda: LinearAutoencoder(20), ARTICLE | {"epochs": 20, "learning_rate": 2e-3, "precision": "fp32"}
    ),
    "stacked-20": Row(lambda: stacked(20), ONE_CYCLE | {"epochs": 16, "precision": "bf16"}),
    "conv-20": Row(lambda: ConvAutoencoder(20), ONE_CYCLE | {"epochs": 8, "precision": "bf16"}),
    "pca-30": Row(lambda: pca(30)),
    "stacked-30": Row(lambda: stacked(30), ONE_CYCLE | {"batch_size": 128, "epochs": 30, "precision": "bf16"}),
    "conv-30": Row(lambda: ConvAutoencoder(30), ONE_CYCLE | {"epochs": 8, "precision": "bf16"}),
    "article-bf16": Row(ConvAutoencoder, ARTICLE | {"precision": "bf16"}),
    "article-fp32": Row(ConvAutoencoder, ARTICLE | {"precision": "fp32"}),
}


def train(name: str, seed: int, folder: Path | None) -> tuple[nn.Module, dict]:
    """A row's model with that seed, trained, and what the table says of it; ``folder`` is for its checkpoint."""
    row, test_images = ROWS[name], data.mnist(train=False).images
    torch.manual_seed(seed)
    model = row.build()
    run = {"seed": seed, "machine": machine()}
    if row.recipe:
        kept = {"checkpoint": folder / f"{name}-{seed}.safetensors", "checkpoint_every": 50} if folder else {}
        history = fit(model, data.mnist().images, **row.recipe, seed=seed, **kept, resume=folder is not None)
        if history.interrupted:
            raise KeyboardInterrupt
        run["seconds"] = round(min(history.seconds) * len(history.seconds), 1)
    run["test_error"] = evaluate(model, test_images)
    if any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        run["test_error_in_training_mode"] = error_in_training_mode(model, test_images)
    return model, run


@torch.no_grad()
def error_in_training_mode(model: nn.Module, images: Tensor) -> float:
    """The test error where nobody called ``eval()``: batch normalization takes each batch's own statistics."""
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()  # which also moves the running statistics: they are put back
    total = sum(
        F.mse_loss(model(pixels), pixels).item() * len(pixels) for pixels in (images.float() / 255).split(256)
    )
    model.eval().load_state_dict(kept)
    return total / len(images)


def machine() -> dict:
    """What the figures were measured on."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux: what Python knows has to do
    return {"processor": processor, "cores": os.cpu_count(), "torch": torch.__version__.split("+")[0]}


def ten_digits() -> list[int]:
    """The first test image of each digit, 0 to 9."""
    labels = data.mnist(train=False).labels
    return [int((labels == digit).nonzero()[0]) for digit in range(10)]


@torch.no_grad()
def reconstructions(model: nn.Module, digits: list[int]) -> str:
    """The model's reconstructions of those test images, as base64."""
    images = data.mnist(train=False).images[digits].float() / 255
    pixels = (model.eval()(images).clamp(0, 1) * 255).round().to(torch.uint8)
    return base64.b64encode(pixels.numpy().tobytes()).decode()


def ship(name: str, model: nn.Module, run: dict) -> None:
    """Store the weights as float16, which halves the file."""
    tensors = {
        key: tensor.half() if tensor.is_floating_point() else tensor
        for key, tensor in checkpoints.model_tensors(model).items()
    }
    about = {"model": checkpoints.describe(model), "recipe": ROWS[name].recipe, "run": run}
    checkpoints.save(WEIGHTS / f"{name}.safetensors", tensors, about)


def main(names: list[str]) -> None:
    """Make the runs that are missing, the first seed of every row before the second, and say how they went."""
    if unknown := set(names) - ROWS.keys():
        raise SystemExit(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    for seed in SEEDS:
        for name in names or ROWS:
            if seed and not ROWS[name].recipe:
                continue  # PCA knows no chance
            if any(run["seed"] == seed for run in kept_row(name)["runs"]):
                continue
            model, run = train(name, seed, RUNS)
            if seed == 0 and name in SHIPPED:
                ship(name, model, run)
            store(name, kept_row(name), model, run)
            print(f"{name:12} seed {seed}: test error {run['test_error']:.5f}", flush=True)


def stored_rows() -> dict[str, dict]:
    """The rows of the file, read anew each time: another process may be making other rows."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.exists() else {}


def kept_row(name: str) -> dict:
    """The row as it is in the file, or an empty one where it is new or its recipe has changed."""
    row, recipe = stored_rows().get(name), ROWS[name].recipe
    return row if row and row.get("recipe") == recipe else ({"recipe": recipe} if recipe else {}) | {"runs": []}


def store(name: str, row: dict, model: nn.Module, run: dict) -> None:
    """Add a run to its row, and write the file whole or not at all, the rows in the table's order."""
    digits = ten_digits()
    row |= {"model": checkpoints.describe(model), "runs": [*row["runs"], run]}
    if run["seed"] == 0:
        row["reconstructions"] = reconstructions(model, digits)
    rows = stored_rows() | {name: row}
    results = {"digits": digits, "rows": {name: rows[name] for name in ROWS if name in rows}}
    part = RESULTS.with_name("results.json.part")
    part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    part.replace(RESULTS)


if __name__ == "__main__":
    main(sys.argv[1:])
