"""How fast the widgets answer: ``python -m bench.widgets`` builds nothing, it writes a page with Drawing, Codes,
CodeMap and Training.

Chromium times, from the start of the handler to everything drawn and the layout forced: a pointer's move to three
reconstructions, a slider's move to the picture, and a move of the point on the map; each once more with the CPU
slowed four times. It measures how long a pointer's move waits for its handler while the models run, and counts the
frames that are lost while a walk plays, and while nothing moves.
Training is started with the better recipe: how long until its error is within 5 % of PCA's, and how long the page
lets a timer wait meanwhile.

Machines differ twofold, so a yardstick runs in the same page, and every limit is scaled by it: see bench.nets.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.nets import PASSES, YARDSTICK
from book._tools.find import find_browser

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import aebook_widgets  # noqa: E402

from aebook.widgets import spec as specs  # noqa: E402

ROUNDS, WARM, FRAMES = 100, 20, 600
WIDGETS = ("drawing", "codes", "codemap", "training")
# Milliseconds at the 95th percentile, and at most for what waits; for a machine as YARDSTICK says.
LIMITS = {"reconstruct": 50, "slide": 16, "wait": 16, "map": 8, "answer": 50}
NEAR_ENOUGH, SECONDS = 1.05, 30  # times PCA's error, and until then

WATCH = """() => {
  const pad = document.querySelector(".pad"), root = document.querySelector(".aebook-drawing");
  window.taken = [];
  window.waited = [];
  window.framed = [];
  addEventListener("pointerrawupdate", (event) => waited.push(performance.now() - event.timeStamp), true);
  addEventListener("pointermove", (event) => {
    window.began = performance.now();
    framed.push(began - event.timeStamp);
  }, true);
  new MutationObserver(() => {
    if (!root.dataset.settled) return;
    root.offsetHeight;
    taken.push(performance.now() - began);
  }).observe(root, { attributeFilter: ["data-settled"] });
}"""
SETTLED = "() => document.querySelector('.aebook-drawing').dataset.settled"
SLIDE = """async (rounds) => {
  const root = document.querySelector(".aebook-codes"), slider = root.querySelector(".track input"), taken = [];
  for (let round = 0; round < rounds; round++) {
    slider.value = Math.sin(round) * 3;
    const started = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    root.offsetHeight;
    taken.push(performance.now() - started);
    while (!root.dataset.settled) await new Promise(requestAnimationFrame);
  }
  return taken;
}"""
# Called with the map's pointer down: what each move takes, the layout with it.
ON_MAP = """() => {
  const map = document.querySelector(".map");
  window.onMap = [];
  addEventListener("pointermove", () => (window.mapBegan = performance.now()), true);
  addEventListener("pointermove", (event) => {
    if (!map.contains(event.target)) return;
    map.parentElement.offsetHeight;
    onMap.push(performance.now() - mapBegan);
  });
}"""
# Trains until the error is near enough: seconds, the error, and the milliseconds that a timer waited at most.
TRAIN = """async (enough) => {
  const root = document.querySelector(".aebook-training"), began = performance.now();
  let last = began, waited = 0, ticks = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    waited = Math.max(waited, now - last - 10);
    last = now;
    ticks++;
  }, 10);
  root.querySelector(".start").click();
  const error = () => Number(root.querySelectorAll("dd b")[1].textContent);
  while (!(error() <= enough) && performance.now() - began < 120_000) await new Promise(requestAnimationFrame);
  const taken = (performance.now() - began) / 1000;
  clearInterval(timer);
  return [taken, error(), waited, ticks];
}"""
LOST = """async ([frames, plays]) => {
  const root = document.querySelector(".aebook-codes"), play = root.querySelector(".walk button");
  const idle = play.textContent, gaps = [];
  let last = await new Promise(requestAnimationFrame);
  while (gaps.length < frames) {
    if (plays && play.textContent === idle) play.click();
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  return gaps.reduce((lost, gap) => lost + Math.max(0, Math.round((gap * 60) / 1000) - 1), 0);
}"""


def write_page(folder: Path) -> Path:
    """Writes a page with the widgets, and the files that it asks for."""
    all_specs = [specs.read(specs.WIDGETS / name) for name in WIDGETS]
    for spec in all_specs:
        for name, text in aebook_widgets.files_of(spec).items():
            (folder / "widgets" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "widgets" / name).write_text(text, encoding="utf-8")
    states = {"training": {"learning_rate": 0.002, "pause_every": 20_000}}
    places = "".join(specs.mount_point(spec, states.get(spec.name, {}), "en") for spec in all_specs)
    needed, _ = aebook_widgets.needed(places, "en")
    sheets = "".join(f'<link rel="stylesheet" href="widgets/{name}">' for name in needed if name.endswith(".css"))
    scripts = "".join(f'<script defer src="widgets/{name}"></script>' for name in needed if name.endswith(".js"))
    tokens = (specs.WIDGETS / "lib" / "tokens.css").read_text(encoding="utf-8")
    page = f'<!doctype html><html lang="en" class="aebook"><meta charset="utf-8"><style>{tokens}</style>{sheets}'
    (folder / "page.html").write_text(page + scripts + places, encoding="utf-8")
    return folder / "page.html"


def draw(page) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from each move to three reconstructions; how long moves wait for the page while models run.

    The browser keeps moves for its next frame even where nothing runs: the last list has that in it. What the
    page's work adds is seen in raw moves, which come as soon as the page can take them: the second list.
    """
    box = page.locator(".pad").bounding_box()
    place = lambda part: (box["x"] + 40 + 140 * part, box["y"] + 40 + 140 * (part * 7 % 1))  # noqa: E731
    page.evaluate("taken.length = 0")
    page.mouse.move(*place(0))
    page.mouse.down()
    for step in range(WARM + ROUNDS):
        page.mouse.move(*place(step / (WARM + ROUNDS)))
        page.wait_for_function(SETTLED)
    taken = page.evaluate("taken")[WARM:]
    page.evaluate("waited.length = framed.length = 0")
    for step in range(ROUNDS):  # one after the other, as fast as they come
        page.mouse.move(*place(step / ROUNDS))
    waited, framed = page.evaluate("[waited, framed]")
    page.mouse.up()
    page.get_by_role("button", name="blank page").click()
    return taken, waited, framed


def move_on_map(page) -> list[float]:
    """Milliseconds that each move of the point takes."""
    page.locator(".map").scroll_into_view_if_needed()
    box = page.locator(".map").bounding_box()
    page.evaluate("onMap.length = 0")
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(WARM + ROUNDS):
        part = step / (WARM + ROUNDS)
        page.mouse.move(box["x"] + 20 + 380 * part, box["y"] + 20 + 380 * (part * 7 % 1))
    page.mouse.up()
    taken = page.evaluate("onMap")
    page.evaluate("scrollTo(0, 0)")
    return taken[WARM:]


def train(page, scale: float):
    """Prints how long Training takes, and how well the page answers meanwhile."""
    best = json.loads((specs.WIDGETS / "training" / "pca.json").read_text(encoding="utf-8"))["training"][20]
    page.locator(".aebook-training").scroll_into_view_if_needed()
    taken, error, waited, ticks = page.evaluate(TRAIN, NEAR_ENOUGH * best)
    print(f"\nTraining to {error:.4f} (PCA {best:.4f}): {taken:.1f} s, limit {SECONDS * scale:.1f}")
    print(
        f"a timer waited at most {waited:.1f} ms in {ticks} turns, limit {LIMITS['answer'] * scale:.1f}",
        flush=True,
    )


def row(name: str, taken: list[float], limit: float | None):
    """A line of the table."""
    middle, high = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
    said = f"{limit:8.1f}" if limit else f"{'':8}"
    print(f"{name:48} {middle:8.1f} {high:8.1f} {max(taken):8.1f} {said}", flush=True)


def measure(page, line, scale: float):
    """Prints the table of times."""
    print(f"{'milliseconds':48} {'p50':>8} {'p95':>8} {'most':>8} {'limit':>8}")
    limits = {name: limit * scale for name, limit in LIMITS.items()}
    for rate in (1, 4):
        line.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        slowed = "" if rate == 1 else ", CPU slowed 4 times"
        taken, waited, framed = draw(page)
        row(f"a move to three reconstructions{slowed}", taken, rate * limits["reconstruct"])
        row(f"a pointer's move waits{slowed}", waited, limits["wait"] if rate == 1 else None)
        row(f"a move waits for the browser's frame{slowed}", framed, None)
        row(f"a slider to the picture{slowed}", page.evaluate(SLIDE, WARM + ROUNDS)[WARM:], rate * limits["slide"])
        row(f"a move of the map's point{slowed}", move_on_map(page), rate * limits["map"])
    line.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def main():
    """Prints the tables."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(write_page(Path(folder)).as_uri())
        for name in WIDGETS:
            page.locator(f"[data-aebook-widget={name}]").scroll_into_view_if_needed()
            done = {"codemap": "[data-settled=nonlinear]", "training": "[data-steps]"}.get(name, "[data-settled]")
            page.wait_for_selector(f"[data-ready=yes] .aebook-{name}{done}", timeout=60_000)
        passes = page.evaluate(PASSES)
        page.evaluate("scrollTo(0, 0)")
        page.evaluate(WATCH)
        page.evaluate(ON_MAP)
        line = page.context.new_cdp_session(page)
        yardstick = statistics.median(passes)
        print(
            f"Chromium {browser.version}; yardstick {yardstick:.1f} ms; limits times {yardstick / YARDSTICK:.2f}\n"
        )
        measure(page, line, yardstick / YARDSTICK)
        for plays in (True, False):
            lost = page.evaluate(LOST, [FRAMES, plays])
            print(
                f"{'frames lost of 600, ' + ('a walk plays' if plays else 'nothing moves'):48} {lost:8}",
                flush=True,
            )
        train(page, yardstick / YARDSTICK)
        browser.close()


if __name__ == "__main__":
    main()
