"""A copy of the project with one widget more: a folder, and nothing else is changed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from torch import nn

from aebook.nets import packed

ROOT = Path(__file__).parents[2]
HEAVY = shutil.ignore_patterns("mnist", "weights", "packed", "__pycache__")
GIVEN = torch.tensor([[1.0, 2.0]])
FILES = {
    "spec.json": json.dumps(
        {
            "class": "Stub",
            "fallback": {"en": "a stub stands here", "ko": "견본이 올 자리"},
            "room": {language: {"wide": 50, "narrow": 60} for language in ("ko", "en")},
            "settings": {
                "count": {"kind": "whole", "low": 0, "high": 9, "default": 1},
                "net": {"kind": "bytes"},
            },
            "weights": ["tiny"],
            "data": ["letters.bin"],
        }
    ),
    "style.css": ".aebook-stub { color: rgb(1, 2, 3); }\n",
    "words.en.js": 'export default { more: "more", back: "back", failed: "no weights" };\n',
    "words.ko.js": 'export default { more: "더", back: "되돌림", failed: "가중치 없음" };\n',
    "worker.js": """import { answerOf } from "./answer.js";
self.onmessage = ({ data }) => self.postMessage(answerOf(data));
""",
    "answer.js": """import { load, run } from "../lib/net.js";
export const answerOf = (bytes) => run(load(bytes), Float32Array.of(1, 2), [1, 2]).values.join(" ");
""",
    "view.js": """import { bytesOf } from "../lib/bytes.js";
import { button, h, write } from "../lib/dom.js";
import { answerOf } from "./answer.js";
import SPEC from "./spec.json" with { type: "json" };

const began = new WeakMap();

const initialize = ({ model }) => {
  began.set(model, true);
  return () => document.body.append(" initialize ended");
};

function render({ model, el, signal, language, words, weights, data, worker }) {
  const line = (name) => h("p", { class: name });
  const [count, own, net, letters, worked] = ["count", "own", "net", "letters", "worked"].map(line);
  const change = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const most = SPEC.settings.count.high;
  const more = button(words.more, () => change("count", Math.min(model.get("count") + 1, most)));
  const back = button(words.back, async () => change("net", new DataView((await weights("tiny")).buffer)));
  const showCount = () => write(count, `${model.get("count")}`);
  const showOwn = () => write(own, bytesOf(model.get("net")) ? answerOf(bytesOf(model.get("net"))) : "");
  const helper = worker("worker.js");
  helper.onmessage = (event) => write(worked, event.data);
  weights("tiny").then((bytes) => {
    write(net, answerOf(bytes));
    helper.postMessage(bytes);
  }, () => write(net, words.failed));
  data("letters.bin").then((bytes) => write(letters, new TextDecoder().decode(bytes)));
  model.on("change:count", showCount);
  model.on("change:net", showOwn);
  showCount();
  showOwn();
  const root = h("div", { class: "aebook-stub", lang: language, "data-began": `${began.get(model)}` });
  root.append(more, back, count, own, net, letters, worked);
  el.append(root);
  signal?.addEventListener("abort", () => document.body.append(" aborted"));
  return () => {
    helper.terminate();
    document.body.append(" render ended");
  };
}

export default { initialize, render };
""",
    "__init__.py": '''"""A stub."""

from pathlib import Path

from aebook.widgets.widget import Widget


class Stub(Widget):
    """A widget for tests."""

    folder = Path(__file__).parent
''',
}


def small(seed):
    """A model of a learner's own."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))


def copy_with_stub(folder):
    """Copies into the folder what widgets need, and adds one to it, with weights and data."""
    shutil.copytree(ROOT / "src" / "aebook", folder / "src" / "aebook", ignore=HEAVY)
    for name in ("_ext", "assets"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=HEAVY)
    widgets = folder / "src" / "aebook" / "widgets"
    for others in widgets.glob("*/spec.json"):
        if others.parent.name != "explorer":  # whose weights were not copied
            shutil.rmtree(others.parent)
    (widgets / "stub").mkdir()
    for name, text in FILES.items():
        (widgets / "stub" / name).write_text(text, encoding="utf-8")
    (widgets / "stub" / "letters.bin").write_bytes(b"abc")
    (widgets.parent / "packed").mkdir()
    (widgets.parent / "packed" / "tiny.net").write_bytes(packed(small(1), "float32"))


def build(folder, pages):
    """Builds a book of those Markdown pages with the copy's own extension, and gives the folder of its HTML."""
    source = folder / "pages"
    source.mkdir()
    settings = f"""import sys
sys.path.insert(0, {str(folder / "book" / "_ext")!r})
extensions = ["myst_parser", "aebook_widgets"]
html_static_path = [{str(folder / "book" / "assets")!r}]
html_theme = "basic"
language = "en"
html_sidebars = {{"**": []}}  # the search box there has a script in the page
"""
    (source / "conf.py").write_text(settings, encoding="utf-8")
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(source), str(folder / "html")]
    subprocess.run(command, check=True)
    return folder / "html"
