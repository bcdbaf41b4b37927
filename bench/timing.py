"""How the benchmarks take time."""

import statistics
import time
from collections.abc import Callable


def interleaved(tasks: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """The median seconds of each task over the rounds, after one round that does not count.

    The tasks take turns, so that a busy moment of the machine meets them all.
    """
    seconds = {name: [] for name in tasks}
    for _ in range(1 + rounds):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}
