"""How fast the explorer answers: ``python -m bench.explorer`` builds nothing, it opens ``_build/html``.

    python -m bench.explorer [FOLDER]

Chromium opens a chapter's page of the built book in FOLDER, and moves the sliders of its first explorer.

One change is timed from the start of the slider's handler to the end of the layout that it makes necessary, which
is forced; painting is not in it, because a browser without a screen has no display to wait for. The settings take
turns, so that a busy moment of the machine meets them all.

Dropped frames are counted from the times that `requestAnimationFrame` is given while the animation plays at its
highest speed: each interval of more than one and a half frames has lost the frames that fit into it. Without a
screen the browser ticks 60 times a second; what it drops with nothing to draw stands beside it, for comparison.

Memory is what is left after a forced garbage collection.
"""

import argparse
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from book._tools.find import find_browser

ROOT = Path(__file__).parents[1]
PAGE = "book/en/02-transposed-convolution.html"
ROUNDS, CHANGES = 5, 48  # of each setting
FRAMES = 600

# Where the sliders stand, and where each of them goes and comes back from. The article's convolution has stride 2
# and padding 1 in its decoder; the largest output is 104 × 104.
ARTICLE = {
    **{"input_size": (3, 4), "kernel_size": (3, 4), "stride": (2, 1)},
    **{"padding": (1, 0), "output_padding": (0, 1), "dilation": (1, 2)},
}
LARGEST = {
    **{"input_size": (16, 15), "kernel_size": (7, 6), "stride": (5, 4)},
    **{"padding": (0, 1), "output_padding": (4, 3), "dilation": (4, 3)},
}
CASES = [  # what is measured, with the CPU slowed so many times, and the most milliseconds at the 95th percentile
    ("at the article's settings", ARTICLE, 1, 8),
    ("at the largest", LARGEST, 1, 16),
    ("at the largest, CPU slowed 4 times", LARGEST, 4, 50),
]

TOOLS = """
  const explorer = document.querySelector("[data-ready] .aebook-explorer");
  const frame = () => new Promise(requestAnimationFrame);

  /** Moves a slider; gives the milliseconds until everything has its new place. */
  function move(name, value) {
    const slider = explorer.querySelector(`input[type=range][aria-label=${name}]`);
    slider.value = value;
    const started = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    document.documentElement.offsetHeight;
    return performance.now() - started;
  }

  /** So many changes: each slider in turn, there and back. */
  async function changes(settings, count, between) {
    const moves = Object.entries(settings).flatMap(([name, [home, away]]) => [[name, away], [name, home]]);
    for (const [name, [home]] of Object.entries(settings)) move(name, home);
    const taken = [];
    for (let number = 0; number < count; number++) {
      if (number % between === 0) await frame();
      taken.push(move(...moves[number % moves.length]));
    }
    return taken;
  }

  /** The intervals between frames while the view plays, again and again, or while nothing moves. */
  async function intervals(count, plays) {
    const player = explorer.querySelector(".player");
    const [play, speed] = ["button", "input[type=number]"].map((what) => player.querySelector(what));
    const playing = () => play.textContent === "pause";
    speed.value = 30;
    const times = [await frame()];
    while (times.length <= count) {
      if (plays && !playing()) play.click();
      times.push(await frame());
    }
    if (playing()) play.click();
    return times.slice(1).map((time, at) => time - times[at]);
  }
"""


def run(page, call):
    """What a call of one of the tools gives back."""
    return page.evaluate(f"async () => {{ {TOOLS}; return await {call}; }}")


def changes(page, settings, count, between=1):
    """Milliseconds of each change; `between` is how many come between one frame and the next."""
    places = {name: list(both) for name, both in settings.items()}
    return run(page, f"changes({places}, {count}, {between})")


def measure_changes(page, line):
    """For each case the milliseconds of its changes, after one round that does not count."""
    taken = {name: [] for name, *_ in CASES}
    for number in range(1 + ROUNDS):
        for name, settings, rate, _ in CASES:
            line.send("Emulation.setCPUThrottlingRate", {"rate": rate})
            milliseconds = changes(page, settings, CHANGES)
            line.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            taken[name] += milliseconds if number else []
    return taken


def print_changes(taken):
    """A row for each case."""
    print(f"{'one change, in milliseconds':36} {'p50':>6} {'p95':>6} {'limit':>6}")
    for name, _, _, limit in CASES:
        percentiles = statistics.quantiles(taken[name], n=20)
        print(f"{name:36} {percentiles[9]:6.1f} {percentiles[18]:6.1f} {limit:6}")


def print_frames(page):
    """How many frames each animation drops, and how many are dropped where nothing moves."""
    changes(page, ARTICLE, 1)
    print(f"\n{'frames dropped, limit 1 in 20':36} {'of':>6} {'dropped':>8}")
    for view, plays in [("stamp", "true"), ("slide", "true"), ("nothing moves", "false")]:
        radio = page.locator(f".aebook-explorer input[type=radio][value={view}]").first
        if plays == "true":
            radio.check()
        gaps = run(page, f"intervals({FRAMES}, {plays})")
        frames = [max(1, round(gap * 60 / 1000)) for gap in gaps]
        print(f"{view:36} {sum(frames):6} {sum(frames) - len(frames):8}", flush=True)


def print_memory(page, line):
    """What is held before and after a thousand changes, three times."""
    print(f"\n{'held after':36} {'heap kB':>8} {'nodes':>6} {'listeners':>10}")
    line.send("Performance.enable")
    page.locator(".aebook-explorer input[type=radio]").first.check()
    changes(page, LARGEST, 240, between=8)
    for number in range(4):
        for _ in range(2):  # what the first collection sets free may hold something
            line.send("HeapProfiler.collectGarbage")
        metrics = {each["name"]: each["value"] for each in line.send("Performance.getMetrics")["metrics"]}
        counts = [int(metrics[name]) for name in ("Nodes", "JSEventListeners")]
        heap = metrics["JSHeapUsedSize"] / 1000
        print(f"{f'{1000 * number:,} changes':36} {heap:8.0f} {counts[0]:6} {counts[1]:10}", flush=True)
        changes(page, LARGEST, 1000, between=8)


def main():
    """Prints the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "_build" / "html")
    place = options.parse_args().folder / PAGE
    if not place.is_file():
        sys.exit(f"{place} is not there: build the book, or name the folder that holds its pages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        line = page.context.new_cdp_session(page)
        page.goto(place.resolve().as_uri())
        page.locator("[data-aebook-widget=explorer]").first.scroll_into_view_if_needed()
        page.locator("[data-ready] .aebook-explorer").first.wait_for()
        print(f"Chromium {browser.version}, 1280 × 900, {ROUNDS * CHANGES} changes each\n")
        print_changes(measure_changes(page, line))
        print_frames(page)
        print_memory(page, line)
        browser.close()


if __name__ == "__main__":
    main()
