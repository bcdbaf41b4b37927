"""A widget in a page with a model that a test holds: it sets any state, and reads all that is shown."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHEET = (ROOT / "src" / "aebook" / "widgets" / "lib" / "tokens.css").read_text(encoding="utf-8")

# Puts a second view of the page's widget beside the first, whose weights have come; `held` is its model.
HOLD = """async ([name, begin]) => {
    const sources = aebookModules, blob = new Blob([sources["loader.js"]], { type: "text/javascript" });
    const { load, widget } = await import(URL.createObjectURL(blob));
    const { defaultsOf } = await load(sources, "lib/state.js");
    const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const view = await widget(sources, name, async (_, path) => bytesOf(aebookBytes[path]));
    const spec = JSON.parse(sources[`${name}/spec.json`]), heard = [];
    const state = { language: "en", ...defaultsOf(spec), ...begin };
    window.held = {
        get: key => state[key],
        set(key, value) {
            if (state[key] === value) return;
            state[key] = value;
            for (const [event, listener] of heard) if (["change", `change:${key}`].includes(event)) listener();
        },
        on: (event, listener) => heard.push([event, listener]),
        off: () => {},
        save_changes: () => {},
    };
    const el = document.body.appendChild(document.createElement("div"));
    await view.render({ model: held, el });
    el.firstElementChild.id = "held";
}"""


def told(element, function, given=None):
    """What a function of an element (a locator), and of what is given to it, comes to in the page.

    Both travel as one text: Playwright would pack every number by itself, which takes longer than most answers.
    """
    function = f"async (element, given) => JSON.stringify(await ({function})(element, JSON.parse(given)))"
    return json.loads(element.evaluate(function, json.dumps(given)))


def hold(page, name, begin=None):
    """The root of a view of that widget whose model is ``held`` in the page; the page has one of it already.

    ``begin`` holds the settings with which it begins otherwise than by default.
    """
    page.evaluate(HOLD, [name, begin or {}])
    return page.locator("#held")
