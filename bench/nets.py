"""How fast packed nets run in a browser: ``python -m bench.nets`` builds nothing, it takes what is shipped.

Chromium loads ``net.js`` and times one picture through each net, from the call of ``run`` to its result: three
decoders as float16, and both halves of each model that pages run, as they are shipped. The nets take turns, so
that a busy moment of the machine meets them all.

Machines differ twofold, so a yardstick runs in the same page, and every limit is scaled by it: 160 passes of
``y[i] += w * a[i]`` over 65,536 Float32 numbers. The limits are for a machine on which that takes 15 ms.
"""

import base64
import statistics
import sys
from pathlib import Path

import torch
from playwright.sync_api import sync_playwright
from torch import nn

from aebook import checkpoints, nets, trained
from book._tools.find import find_browser
from book._tools.rows import ROWS

LIB = Path(nets.__file__).parent / "widgets" / "lib"
WARM, ROUNDS = 30, 50
YARDSTICK = 15  # milliseconds, where a limit holds as it stands
LIMITS = {"light-20": 5, "linear-20": 0.5, "conv-20": None}  # a decoder's milliseconds for a picture, at most
PAGE_LIMIT = 6  # the same for each half of a page's model
# A page of its own, isolated: only there are times not rounded to a tenth of a millisecond.
ORIGIN = "http://localhost/"
ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}

TIMES = """async ([cases, warm, rounds]) => {
  const { load, run } = await import("/net.js");
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const loaded = cases.map(([blob, shape]) => {
    const bytes = bytesOf(blob), started = performance.now(), net = load(bytes);
    const loading = performance.now() - started, length = shape.reduce((product, size) => product * size);
    return { net, shape, loading, taken: [], values: Float32Array.from({ length }, (_, at) => Math.sin(at)) };
  });
  for (let round = 0; round < warm + rounds; round++) {
    for (const { net, shape, values, taken } of loaded) {
      const started = performance.now();
      run(net, values, shape);
      const milliseconds = performance.now() - started;
      if (round >= warm) taken.push(milliseconds);
    }
  }
  return loaded.map(({ taken, loading }) => ({ taken, loading }));
}"""

PASSES = """() => {
  const a = new Float32Array(65536).fill(0.5), y = new Float32Array(65536), taken = [];
  for (let round = 0; round < 20; round++) {
    const started = performance.now();
    for (let pass = 0; pass < 160; pass++) {
      const w = pass / 160;
      for (let i = 0; i < 65536; i++) y[i] += w * a[i];
    }
    taken.push(performance.now() - started);
  }
  return taken.slice(5);
}"""


def decoder(name: str) -> nn.Sequential:
    """A shipped model's decoder, which takes codes of 20 numbers."""
    model = ROWS[name].build()
    checkpoints.restore(model, trained.weights(name))
    return nn.Sequential(model.decoder)


def cases() -> list[tuple[str, bytes, list[int], float | None]]:
    """What is timed: its name, the blob, the shape that it takes, and its limit in milliseconds."""
    found = [(f"{name} decoder", nets.packed(decoder(name)), [1, 20], limit) for name, limit in LIMITS.items()]
    for name, known in trained.packed().items():
        for half, shape in (("encoder", known["image_shape"]), ("decoder", [known["code_size"]])):
            blob = trained.net(name, half).read_bytes()
            found.append((f"{name} {half}, {known['precision']}", blob, [1, *shape], PAGE_LIMIT))
    return found


def multiplications(net: nn.Sequential, shape: list[int]) -> int:
    """How many a picture takes in the net's linear layers and convolutions."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        pixels = (inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output)[0, 0].numel()
        total += layer.weight.numel() * (1 if isinstance(layer, nn.Linear) else pixels)

    weighted = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    hooks = [layer.register_forward_hook(count) for layer in net.modules() if isinstance(layer, weighted)]
    with torch.no_grad():
        net.eval()(torch.zeros(shape))
    for hook in hooks:
        hook.remove()
    return total


def answer(route):
    """An empty page, or one of the scripts."""
    script = LIB / route.request.url.removeprefix(ORIGIN)
    kind, body = ("text/javascript", script.read_text("utf-8")) if script.is_file() else ("text/html", "")
    route.fulfill(body=body, content_type=kind, headers={"Content-Type": kind, **ISOLATED})


def measure(blobs: list[bytes], shapes: list[list[int]]) -> tuple[list[float], list[dict]]:
    """The yardstick's milliseconds before and after, and what `TIMES` gives for each net."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(ORIGIN)
        if not page.evaluate("crossOriginIsolated"):
            sys.exit("the page is not isolated, so that its clock is too coarse")
        print(f"Chromium {browser.version}, one picture, {ROUNDS} times\n")
        before = page.evaluate(PASSES)
        letters = [base64.b64encode(blob).decode() for blob in blobs]
        times = page.evaluate(TIMES, [list(zip(letters, shapes, strict=True)), WARM, ROUNDS])
        taken = before + page.evaluate(PASSES)
        browser.close()
    return taken, times


def main():
    """Prints the table."""
    names, blobs, shapes, limits = zip(*cases(), strict=True)
    passes, times = measure(blobs, shapes)
    yardstick = statistics.median(passes)
    print(f"yardstick: {yardstick:.1f} ms; limits are times {yardstick / YARDSTICK:.2f}\n")
    print(f"{'net':30} {'million':>8} {'p50 ms':>8} {'p95 ms':>8} {'limit':>8} {'to load':>8}")
    for name, blob, shape, limit, time in zip(names, blobs, shapes, limits, times, strict=True):
        middle, high = statistics.median(time["taken"]), statistics.quantiles(time["taken"], n=20)[18]
        scaled = f"{limit * yardstick / YARDSTICK:8.2f}" if limit else f"{'none':>8}"
        millions = multiplications(nets.unpacked(blob), shape) / 1e6
        print(f"{name:30} {millions:8.2f} {middle:8.3f} {high:8.3f} {scaled} {time['loading']:8.1f}")


if __name__ == "__main__":
    main()
