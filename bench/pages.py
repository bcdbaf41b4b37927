"""How long a reader waits for a page: ``python -m bench.pages`` builds nothing, it opens ``_build/html``.

Chromium loads each page over a slow 4G line (1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back: the profile
that Lighthouse uses) with its CPU slowed four times, from a server that gzips, each time with an empty cache.
Prints the medians of the rounds: the largest paint, the layout shift while the page loads, when the first widget
answers (an explorer a change that a script makes at the earliest moment, a drawing with its reconstructions), how
soon it has to on a home page, and the bytes that came over the line until then. And of the first round the shift
while one scrolls to the end of the page, where widgets are mounted as they come near.
"""

import argparse
import gzip
import statistics
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import sync_playwright

from book._tools.contents import CHAPTERS, in_language
from book._tools.find import find_browser

ROOT = Path(__file__).parents[1]
HOMES = [in_language("index", language) for language in ("ko", "en")]
ALIVE = 6  # seconds until a home page's drawing has its reconstructions
PAGES = [*HOMES, *(page for page in CHAPTERS if page not in HOMES)]
STEP, PAUSE = 100, 100  # pixels and milliseconds of scrolling: 1000 pixels a second
SLOW_4G = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8, "offline": False}
WATCH = """
  window.seen = { paint: 0, shift: 0, answer: null };
  const unasked = (entry) => entry.hadRecentInput ? 0 : entry.value;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) seen.paint = entry.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) seen.shift += unasked(entry); })
    .observe({ type: "layout-shift", buffered: true });
  const ask = () => {
    const widget = document.querySelector("[data-aebook-widget][data-ready=yes]");
    const drawing = widget?.querySelector(".aebook-drawing"), slider = widget?.querySelector("input[type=range]");
    if (drawing) return settled(drawing);
    if (!slider) return requestAnimationFrame(ask);
    const before = widget.querySelector("[role=status]").textContent;
    slider.value = slider.valueAsNumber + 1;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const answered = () => {
      if (widget.querySelector("[role=status]").textContent === before) return requestAnimationFrame(answered);
      seen.answer = performance.now();
    };
    answered();
  };
  const settled = (drawing) => {
    if (drawing.dataset.settled) seen.answer = performance.now();
    else requestAnimationFrame(() => settled(drawing));
  };
  addEventListener("DOMContentLoaded", ask);
"""
# What has been painted is reported later: two frames on, all of it has been.
REPORTED = """() => new Promise((done) => {
  const twoFrames = () => requestAnimationFrame(() => requestAnimationFrame(done));
  const wait = () => seen.paint ? twoFrames() : requestAnimationFrame(wait);
  wait();
})"""
# Whether the page has a widget that is mounted without scrolling.
NEAR = """() => {
  const widget = document.querySelector("[data-aebook-widget]");
  return widget !== null && widget.getBoundingClientRect().top < 2 * innerHeight;
}"""


class Gzipping(SimpleHTTPRequestHandler):
    """Sends text gzipped, as servers on the web do."""

    def do_GET(self):
        """Answers a request for a file."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".css", ".js", ".svg") or not path.is_file():
            return super().do_GET()
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        for header in (
            ("Content-Type", self.guess_type(str(path))),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(body))),
        ):
            self.send_header(*header)
        self.end_headers()
        return self.wfile.write(body)

    def handle(self):
        """Answers a connection, which a page may close before its last image has come."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *arguments):
        """Says nothing of each request."""


@contextmanager
def serving(folder):
    """The address of the folder, for as long as the context lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Gzipping, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def scroll(page):
    """Turns the wheel beside the text until the page is at its end, a finger's width at a time."""
    page.mouse.move(5, 400)
    while page.evaluate("scrollY + innerHeight < document.documentElement.scrollHeight - 1"):
        page.mouse.wheel(0, STEP)
        page.wait_for_timeout(PAUSE)


def measure(browser, address, width, scrolls):
    """One visit: seconds to the largest paint, shift, seconds to the widget's answer, kilobytes, later shift."""
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_4G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    received = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    if page.evaluate(NEAR):
        page.wait_for_function("seen.answer", timeout=60_000)
    page.evaluate(REPORTED)
    seen, came = page.evaluate("seen"), sum(received)
    if scrolls:
        scroll(page)
    shift = page.evaluate("seen.shift") - seen["shift"]
    page.context.close()
    return seen["paint"] / 1000, seen["shift"], (seen["answer"] or 0) / 1000, came / 1000, shift


def main():
    """Prints a row for each page and width."""
    reading = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reading.add_argument("--rounds", type=int, default=3)
    reading.add_argument("--pages", nargs="+", default=PAGES, help="such as book/ko/index (default: all)")
    options = reading.parse_args()
    for name in options.pages:
        if not (ROOT / "_build" / "html" / f"{name}.html").is_file():
            reading.error(f"there is no page {name!r}; build the book, and name a page such as book/ko/index")
    rounds = options.rounds
    print(
        f"{'page':36} {'width':>5} {'paint s':>8} {'shift':>6} {'scrolling':>9} "
        f"{'widget s':>10} {'limit':>6} {'kB':>6}"
    )
    with sync_playwright() as playwright, serving(ROOT / "_build" / "html") as address:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for name in options.pages:
            for width in (1280, 390):
                visits = [
                    measure(browser, f"{address}/{name}.html", width, number == 0) for number in range(rounds)
                ]
                paint, shift, answer, size, _ = map(statistics.median, zip(*visits, strict=True))
                scrolling = visits[0][-1]
                said = f"{answer:10.2f}" if answer else f"{'-':>10}"
                limit = f"{ALIVE:6}" if name in HOMES else f"{'':6}"
                print(
                    f"{name:36} {width:5} {paint:8.2f} {shift:6.3f} {scrolling:9.3f} {said} {limit} {size:6.0f}",
                    flush=True,
                )
        browser.close()


if __name__ == "__main__":
    main()
