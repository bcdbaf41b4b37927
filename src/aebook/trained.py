"""What the book has trained: its table of results, and some of the weights. They travel with the package."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
WEIGHTS = FOLDER / "weights"
SHIPPED = (  # the rows whose weights there are: of "rows" first, then of "table"
    *("linear-20", "stacked-20", "conv-20", "article-bf16"),
    *("light-20", "page-stacked-20", "record-30"),
)


def weights(name: str) -> Path:
    """The file that holds the weights of a row of the table, for ``checkpoints.restore``.

    Args:
        name: one of ``SHIPPED``. The weights are those of seed 0, stored as float16.

    Raises:
        ValueError: where no weights of that name are shipped; the message names those that are.
        FileNotFoundError: where the file is not in the package.
    """
    if name not in SHIPPED:
        raise ValueError(f"there are no weights called {name!r}; there are {', '.join(SHIPPED)}")
    return _present(WEIGHTS / f"{name}.safetensors", f"the weights of {name!r}")


def results() -> dict:
    """The table of results: ``book/_tools/results.py``, which makes it, says what it holds.

    Raises:
        FileNotFoundError: where the file is not in the package.
    """
    return json.loads(_present(RESULTS, "the table of results").read_text(encoding="utf-8"))


def _present(path: Path, what: str) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"there is no {path}, which is to hold {what}: install aebook again")
    return path
