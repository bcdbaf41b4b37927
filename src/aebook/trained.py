"""What the book has trained: its table of results, and some of the weights, which travel with the package.

Some of the models are there once more, packed for pages by ``aebook.nets``: these are read without PyTorch.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
WEIGHTS = FOLDER / "weights"
PACKED = FOLDER / "packed"
MEASURED = FOLDER / "measured"
SHIPPED = (  # the rows whose weights there are: of "rows" first, then of "table"
    *("conv-20", "article-bf16"),
    *("linear-20", "light-20", "page-stacked-20", "record-30", "pca-2", "page-stacked-2"),
)
USES = (  # of the chapters about uses of a code, which their own tools train
    *("denoiser", "judge", "without-1", "without-2"),
    *("sampling-judge", "sampling-plain-20"),
    *("sampling-vae-2", "sampling-vae-20", "sampling-vae-50"),
)
PAGES = (  # those that are packed: rows of the table, and models of a chapter's own
    *("linear-20", "page-stacked-20", "light-20", "pca-2", "page-stacked-2"),
    *("sampling-vae-20", "sampling-vae-2", "denoiser"),
)
HALVES = ("encoder", "decoder")


def weights(name: str) -> Path:
    """The file that holds the weights of a row of the table, for ``checkpoints.restore``.

    Args:
        name: one of ``SHIPPED`` or ``USES``. The weights are those of seed 0, stored as float16.

    Raises:
        ValueError: where no weights of that name are shipped; the message names those that are.
        FileNotFoundError: where the file is not in the package.
    """
    if name not in SHIPPED + USES:
        raise ValueError(f"there are no weights called {name!r}; there are {', '.join(SHIPPED + USES)}")
    return _present(WEIGHTS / f"{name}.safetensors", f"the weights of {name!r}")


def net(name: str, half: str) -> Path:
    """The file that holds half of a model as one blob, which pages run, and ``nets.unpacked`` reads.

    Args:
        name: one of ``PAGES``.
        half: "encoder", from images (B, 1, 28, 28) to codes (B, code_size); or "decoder", back.

    Raises:
        ValueError: where there is no such model or half; the message names those that there are.
        FileNotFoundError: where the file is not in the package.
    """
    if name not in PAGES:
        raise ValueError(f"there is no packed model called {name!r}; there are {', '.join(PAGES)}")
    if half not in HALVES:
        raise ValueError(f"half must be one of {', '.join(HALVES)}, and is {half!r}")
    return _present(PACKED / f"{name}.{half}.net", f"the {half} of {name!r}")


def packed() -> dict:
    """What is known of the packed models, by name: ``book/_tools/packing.py``, which makes it, says what it holds.

    Raises:
        FileNotFoundError: where the file is not in the package.
    """
    files = {name: _present(PACKED / f"{name}.json", f"what is known of {name!r}") for name in PAGES}
    return {name: json.loads(file.read_text("utf-8")) for name, file in files.items()}


def results() -> dict:
    """The table of results: ``book/_tools/results.py``, which makes it, says what it holds.

    Raises:
        FileNotFoundError: where the file is not in the package.
    """
    return json.loads(_present(RESULTS, "the table of results").read_text(encoding="utf-8"))


def measured(chapter: str) -> dict:
    """What was measured for a chapter, by name: ``book/_tools/uses.py``, which measures it, says what it holds.

    Raises:
        ValueError: where there is no such chapter; the message names those that there are.
    """
    names = sorted(path.stem for path in MEASURED.glob("*.json"))
    if chapter not in names:
        raise ValueError(f"nothing was measured for {chapter!r}; there is {', '.join(names)}")
    return json.loads((MEASURED / f"{chapter}.json").read_text(encoding="utf-8"))


def _present(path: Path, what: str) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"there is no {path}, which is to hold {what}: install aebook again")
    return path
