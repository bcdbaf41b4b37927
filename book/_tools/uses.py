"""Measures what the chapters about uses of a code stand on, with several seeds.

    python book/_tools/uses.py [CHAPTER …]       # or `make results`; without names, all chapters

Each chapter has a module beside this one, named in CHAPTERS, whose ``MEASURES`` names what is measured: a Measure
each. src/aebook/measured/<chapter>.json holds, by name:

    recipe           all that decides the figures beside the seed
    runs             one for each seed: {"seed", "machine", and what the measure gave}

A run that is in the file is not made again, unless its recipe has changed since. Stop it at any moment: runs that
were ended are kept.
"""

import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from results import SEEDS, alone, machine

from aebook import files, trained

CHAPTERS = ("knowing", "denoising", "noticing", "sampling", "widening")


@dataclass
class Measure:
    """What is measured for a chapter.

    Attributes:
        run: from a seed to the figures, as JSON has them: a few numbers, each with a name that says what it is.
        recipe: all that decides them beside the seed, as JSON has it.
        seeds: those it is run with; one where nothing is left to chance.
    """

    run: Callable[[int], dict]
    recipe: dict = field(default_factory=dict)
    seeds: tuple[int, ...] = SEEDS


def main(chapters: list[str]) -> None:
    """Make the runs that are missing, and say how they went."""
    if unknown := set(chapters) - set(CHAPTERS):
        raise SystemExit(f"there is no chapter {', '.join(sorted(unknown))}; there are {', '.join(CHAPTERS)}")
    for chapter in chapters or CHAPTERS:
        for name, measure in importlib.import_module(chapter).MEASURES.items():
            for seed in measure.seeds:
                if any(run["seed"] == seed for run in kept(chapter, name, measure)["runs"]):
                    continue
                figures = measure.run(seed)
                keep(chapter, name, measure, {"seed": seed, "machine": machine(), **figures})
                print(f"{chapter} {name} seed {seed}: {figures}", flush=True)


def kept(chapter: str, name: str, measure: Measure) -> dict:
    """What is known of a measure; without runs where it is new, or where its recipe has changed since."""
    row = stored(chapter).get(name)
    if row is None or row["recipe"] != json.loads(json.dumps(measure.recipe)):
        return {"recipe": measure.recipe, "runs": []}
    return row


def keep(chapter: str, name: str, measure: Measure, run: dict) -> None:
    """Add a run to the chapter's file, whole or not at all; one process at a time."""
    with alone():
        row = kept(chapter, name, measure)
        runs = sorted([*row["runs"], run], key=lambda each: measure.seeds.index(each["seed"]))
        rows = stored(chapter) | {name: row | {"runs": runs}}
        text = json.dumps(rows, indent=1) + "\n"
        trained.MEASURED.mkdir(exist_ok=True)
        files.replace(trained.MEASURED / f"{chapter}.json", text.encode())


def stored(chapter: str) -> dict:
    """All that a chapter's file holds, read anew each time: another process may be writing it."""
    path = trained.MEASURED / f"{chapter}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


if __name__ == "__main__":
    main(sys.argv[1:])
