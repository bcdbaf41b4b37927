"""Trains every row of the book's table of results (rows.py has them, and the rule), with several seeds.

    python book/_tools/results.py [ROW …]        # or `make results`; without names, all rows
    python book/_tools/results.py pack           # trains nothing: packs shipped models for pages, see packing.py

It takes hours on two cores, minutes on a large GPU. Stop it at any moment: it goes on from its last checkpoint,
kept in _build/results. Several may run at once, for different rows.

src/aebook/results.json holds, under "digits", the test images whose reconstructions it keeps, and under "table",
by name:

    model            {"class", "code_size", "parameters"}
    recipe           what ``fit`` was given; absent from PCA, which is computed
    search           {"rates", "lengths"}: the validation error by learning rate, and by epochs, where the rule
                     chose
    runs             one for each seed: {"seed", "validation_error", "test_error", "machine"}, and, where there is
                     batch normalization, "test_error_in_training_mode"
                     errors: mean squared error per pixel over the 5,000 validation and the 10,000 test images, in
                     evaluation mode and fp32; in training mode each batch of 256 is normalized by itself
                     machine: {"processor", "cores", "device", "torch"}
    reconstructions  of the digits, by seed 0: 28×28 bytes each, in base64

Under "tried" stands what the search for the record tried, by hand and once: "start", the validation error per
image of its first network with seed 0, "steps", each with one thing changed, "together", with several.

Under "rows" stand older figures, trained on all 60,000 images before there was one rule: those of older weights.

A run that is in the file is not made again, unless its row's rule or model has changed since.
Weights of seed 0, as float16: src/aebook/weights/<row>.safetensors, for the rows in SHIPPED. Without names, what
pages run is packed at the end.
"""

import base64
import contextlib
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import packing
import torch
import torch.nn.functional as F
from rows import GAIN, MOST_EPOCHS, RATES, ROWS, RULE, SEARCHED, Row
from torch import Tensor, nn

from aebook import checkpoints, data, files, trained
from aebook.devices import best_device
from aebook.training import evaluate, fit, mean_squared_error

try:
    import fcntl
except ImportError:
    fcntl = None

RESULTS = trained.RESULTS
WEIGHTS = trained.WEIGHTS
RUNS = Path(__file__).parents[2] / "_build" / "results"  # the checkpoints of runs under way
SEEDS = (0, 1, 2)
# `trained` names them too, with the older ones.
SHIPPED = ("light-20", "page-stacked-20", "record-30", "linear-20", "pca-2", "page-stacked-2")


def main(names: list[str]) -> None:
    """Make the runs that are missing, the first seed of every row before the second, and say how they went."""
    if names == ["pack"]:
        return packing.pack()
    if unknown := set(names) - ROWS.keys():
        raise SystemExit(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    for seed in SEEDS:
        for name in names or ROWS:
            if seed and not (ROWS[name].kind or ROWS[name].recipe):
                continue  # PCA knows no chance
            if any(run["seed"] == seed for run in kept_row(name)["runs"]):
                continue
            choose(name)
            model, run = train(name, seed)
            store(name, model, run)
            print(f"{name:24} seed {seed}: test error {run['test_error']:.5f}", flush=True)
    if not names:
        packing.pack()


def choose(name: str) -> None:
    """Find the recipe of a row by the rule, on the validation images and seed 0, and write down what was tried."""
    row = ROWS[name]
    if row.kind is None or "recipe" in kept_row(name):
        return
    most = MOST_EPOCHS[row.kind]
    kept = kept_row(name)
    search = kept.setdefault("search", {"rates": {}, "lengths": {}})
    for rate in RATES:
        if str(rate) not in search["rates"]:
            recipe = RULE | {"learning_rate": rate, "epochs": most}
            search["rates"][str(rate)] = validation_error(name, recipe, images=SEARCHED)
            update(name, kept)
    rate = min(RATES, key=lambda rate: search["rates"][str(rate)])
    epochs = most // 8
    while str(epochs) not in search["lengths"] or not enough(search["lengths"], epochs, most):
        if str(epochs) in search["lengths"]:
            epochs *= 2
            continue
        recipe = RULE | {"learning_rate": rate, "epochs": epochs}
        search["lengths"][str(epochs)] = validation_error(name, recipe)
        update(name, kept)
    epochs = int(min(search["lengths"], key=search["lengths"].get))
    update(name, kept | {"recipe": RULE | {"learning_rate": rate, "epochs": epochs}})


def enough(lengths: dict[str, float], epochs: int, most: int) -> bool:
    """Whether so many epochs are not to be doubled: they may not, or doubling them last has gained too little."""
    half = lengths.get(str(epochs // 2))
    return 2 * epochs > most or (half is not None and lengths[str(epochs)] > (1 - GAIN) * half)


def validation_error(name: str, recipe: dict, images: int | None = None) -> float:
    """What a recipe comes to on the validation images, with seed 0, trained on the first ``images`` or on all."""
    return evaluate(trained_model(name, 0, recipe, images), data.split()[1].images)


def trained_model(name: str, seed: int, recipe: dict, images: int | None = None) -> nn.Module:
    """A row's model, trained by a recipe; it goes on from where the same run was stopped."""
    torch.manual_seed(seed)
    model = ROWS[name].build().to(best_device())
    if recipe:
        # Named by all that decides it, so that no other run's checkpoint is taken for its own.
        digest = hashlib.sha256(json.dumps([recipe, images], sort_keys=True).encode()).hexdigest()[:12]
        path = RUNS / f"{name}-{seed}-{digest}.safetensors"
        fit(
            model,
            data.split()[0].images[:images],
            **recipe,
            seed=seed,
            loss=ROWS[name].loss,
            channels_last=any(isinstance(module, nn.Conv2d) for module in model.modules()),
            checkpoint=path,
            checkpoint_every=500,
            resume=path.exists(),
            progress=sys.stderr.isatty(),
        )
    return model


def train(name: str, seed: int) -> tuple[nn.Module, dict]:
    """A row's model with that seed, trained, and what the table says of it."""
    model = trained_model(name, seed, recipe_of(name))
    valid, test = data.split()[1].images, data.mnist(train=False).images
    run = {"seed": seed, "machine": machine()}
    run |= {"validation_error": evaluate(model, valid), "test_error": evaluate(model, test)}
    if any(isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) for module in model.modules()):
        run["test_error_in_training_mode"] = error_in_training_mode(model, test)
    return model, run


def recipe_of(name: str) -> dict:
    """What ``fit`` is given for a row; nothing where the model is computed."""
    row = ROWS[name]
    if row.like:
        choose(row.like)
        return kept_row(row.like)["recipe"] | row.recipe
    return row.recipe or kept_row(name).get("recipe", {})


@torch.no_grad()
def error_in_training_mode(model: nn.Module, images: Tensor) -> float:
    """The test error where nobody called ``eval()``: batch normalization takes each batch's own statistics."""
    device = next(model.parameters()).device
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()  # which also moves the running statistics: they are put back
    total = 0.0
    for batch in images.split(256):
        pixels = batch.to(device).float() / 255
        total += F.mse_loss(model(pixels), pixels).item() * len(pixels)
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
    device = best_device()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "device": name,
        "torch": torch.__version__.split("+")[0],
    }


def ten_digits() -> list[int]:
    """The first test image of each digit, 0 to 9."""
    labels = data.mnist(train=False).labels
    return [int((labels == digit).nonzero()[0]) for digit in range(10)]


@torch.no_grad()
def reconstructions(model: nn.Module, digits: list[int]) -> str:
    """The model's reconstructions of those test images, as base64."""
    images = data.mnist(train=False).images[digits].float() / 255
    device = next(model.parameters()).device
    pixels = (model.eval()(images.to(device)).clamp(0, 1) * 255).round().to(torch.uint8).cpu()
    return base64.b64encode(pixels.numpy().tobytes()).decode()


def store(name: str, model: nn.Module, run: dict) -> None:
    """Add a run to its row, and ship the weights of seed 0."""
    row, recipe = kept_row(name), recipe_of(name)
    row |= {"model": checkpoints.describe(model), "runs": [*row["runs"], run]}
    row |= {"recipe": recipe} if recipe else {}
    if run["seed"] == 0:
        row["reconstructions"] = reconstructions(model, ten_digits())
        if name in SHIPPED:
            ship(name, model, {"model": row["model"], "recipe": recipe, "run": run})
    update(name, row)


def ship(name: str, model: nn.Module, about: dict) -> None:
    """Put a model's weights into the package, as float16."""
    tensors = {
        key: tensor.half() if tensor.is_floating_point() else tensor
        for key, tensor in checkpoints.model_tensors(model).items()
    }
    checkpoints.save(WEIGHTS / f"{name}.safetensors", tensors, about)


def kept_row(name: str) -> dict:
    """The row as it is in the file; without runs where it is new, or where its rule has changed since."""
    row, rule = stored_rows().get(name), ROWS[name]
    if row is None or row.get("rule") != rule_of(rule):
        return {"rule": rule_of(rule), "runs": []}
    return row


def rule_of(row: Row) -> dict | None:
    """All that decides a row's recipe, as JSON has it; what is computed has none."""
    if row.kind:
        return RULE | {"rates": list(RATES), "gain": GAIN, "searched": SEARCHED, "most": MOST_EPOCHS[row.kind]}
    own = {} if row.loss is mean_squared_error else {"loss": row.loss.__name__}
    return ({"like": row.like} if row.like else {}) | row.recipe | own or None


def stored_rows() -> dict[str, dict]:
    """The rows of the file, read anew each time: another process may be making other rows."""
    return stored().get("table", {})


def stored() -> dict:
    """All that the file holds."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def update(name: str, row: dict) -> None:
    """Put a row into the file, whole or not at all, the rows in the table's order; one process at a time."""
    with alone():
        rows = stored_rows() | {name: row}
        table = {name: rows[name] for name in ROWS if name in rows}
        results = stored() | {"digits": ten_digits(), "table": table}
        files.replace(RESULTS, (json.dumps(results, indent=1) + "\n").encode())


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One process at a time; Windows has another kind of lock, and trains one row at a time."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with (RUNS / "lock").open("w") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main(sys.argv[1:])
