"""What is being read stays where it is while the rest of a page comes: its scripts, and what its widgets wait for.

All that is held back until the page has been painted and the end of a widget's place is in sight.
"""

import pytest

LIMIT = 0.02  # of layout shift, as browsers count it; the sum over a page
PAGES = {
    "book/ko/index": 1,
    "book/ko/01-linear-autoencoder": 2,
    "book/ko/03-convolutional-autoencoder": 3,
    "book/ko/08-noticing-the-unfamiliar": 1,
    "book/en/index#browser-language": 1,
    "book/en/09-digits-that-nobody-wrote": 2,
}  # and how many widgets there are
WATCH = """
  window.moved = [];
  const nameOf = ({ node }) => node?.className || node?.nodeName;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) moved.push([entry.value, entry.sources.map(nameOf)]);
  }).observe({ type: "layout-shift", buffered: true });
"""
PAINTED = """() => document.readyState !== "loading" &&
  performance.getEntriesByName("first-contentful-paint").length > 0"""
MOST = 2000  # times two frames that a widget may take
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# So that the place of a widget ends in sight, and the text behind it would move.
SHOW_THE_END = "place => scrollBy({ top: place.getBoundingClientRect().bottom - 0.7 * innerHeight })"
SETTLED = """place => {
  if (place.dataset.ready === "no") throw new Error("it has failed");
  if (place.dataset.ready !== "yes") return false;
  const { settled, steps } = place.querySelector("[role=group]").dataset;
  return steps !== undefined || (settled !== undefined && settled !== "no");
}"""


class Gate:
    """Holds the scripts of a page back while it is shut, but for the face, without which no word is laid out."""

    def __init__(self, page):
        self.held = []
        page.route(self.is_held, lambda route: self.held.append(route))

    @staticmethod
    def is_held(url):
        """Whether that is a script, or bytes that travel as one."""
        path = url.partition("?")[0]
        return path.endswith(".js") and "/face-" not in path

    def let_through(self):
        """Lets those through that have come to it."""
        while self.held:
            self.held.pop(0).continue_()


def watch_parts_come(page, address):
    """Opens a page whose parts come late, and waits at each widget for it; returns how many, and what moved."""
    page.add_init_script(WATCH)
    gate = Gate(page)
    page.goto(address, wait_until="commit")
    page.wait_for_function(PAINTED)
    places = page.locator("[data-aebook-widget]").all()
    for place in places:
        place.evaluate(SHOW_THE_END)
        page.evaluate(TWO_FRAMES)
        for _ in range(MOST):
            if place.evaluate(SETTLED):
                break
            gate.let_through()
            page.evaluate(TWO_FRAMES)
        else:
            raise AssertionError(f"{address} has a widget that does not come: {place.inner_text()}")
        page.evaluate(TWO_FRAMES)
    return len(places), page.evaluate("moved")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("name", "count"), PAGES.items())
def test_nothing_moves_when_the_parts_of_a_page_come_late(browser, served, name, count, width):
    path, mark, target = name.partition("#")
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    found, moves = watch_parts_come(page, f"{served}/{path}.html{mark}{target}")
    page.context.close()
    assert found == count
    assert sum(value for value, _ in moves) <= LIMIT, moves
