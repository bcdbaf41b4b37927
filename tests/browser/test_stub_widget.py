"""A new widget is a new folder: one is added to a copy of the project, and works wherever widgets do."""

import re

import nbformat
import pytest
import torch
from complaints import listen
from lab_server import open_notebook, python, serving_lab, value
from playwright.sync_api import expect
from serving import serving
from stub import FILES, GIVEN, build, copy_with_stub, small

from aebook.nets import packed

FENCE = "```{{{}}}\n{}```\n\n"
FAR = '```{raw} html\n<div style="height: 5000px"></div>\n```\n\n## Below\n\n'
PAGES = {
    "index": "# First\n\n"
    + FENCE.format("stub", ":count: 3\n")
    + FENCE.format("explorer", "")
    + FENCE.format("stub", ""),
    "far": "# Far\n\n" + FAR + FENCE.format("stub", ""),
    "explorer": "# Explorer\n\n" + FENCE.format("explorer", ""),
    "none": "# None\n",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The folder of the copy, with the stub."""
    folder = tmp_path_factory.mktemp("copy")
    copy_with_stub(folder)
    return folder


@pytest.fixture(scope="module")
def pages(copy):
    """The folder of a book's pages with stubs, built by the copy."""
    return build(copy, {**PAGES, "index": PAGES["index"] + "```{toctree}\nfar\nexplorer\nnone\n```\n"})


@pytest.fixture(params=["disk", "policy"])
def address(request, pages, policy):
    """Where the pages are: on the disk, or over http under the policy that README.md tells."""
    if request.param == "disk":
        yield pages.as_uri()
        return
    with serving(pages, {"Content-Security-Policy": policy}) as served:
        yield served


def near(text, expected):
    """Whether those are the numbers that PyTorch computes."""
    torch.testing.assert_close(torch.tensor([[float(number) for number in text.split()]]), expected)


def test_stubs_beside_an_explorer_work_and_have_addresses_of_their_own(open_at, address):
    page = open_at(address, "index.html")
    stubs = page.locator(".aebook-stub")
    expect(stubs).to_have_count(2)
    expect(page.locator("[data-ready=yes]")).to_have_count(3)
    assert stubs.locator(".count").all_inner_texts() == ["3", "1"]
    for stub in stubs.all():
        expect(stub).to_have_attribute("data-began", "true")
        expect(stub).to_have_css("color", "rgb(1, 2, 3)")
        expect(stub.locator(".letters")).to_have_text("abc")
        expect(stub.locator(".worked")).to_have_text(stub.locator(".net").inner_text())
        near(stub.locator(".net").inner_text(), small(1)(GIVEN))
        stub.get_by_role("button", name="more").click()
    stubs.nth(1).get_by_role("button", name="more").click()
    page.get_by_role("slider", name="stride", exact=True).press("ArrowRight")
    for kept in (r"stub\.", r"stub2\.", r"explorer\."):
        expect(page).to_have_url(re.compile(kept))
    query = page.evaluate("location.search")
    assert set(query[1:].split("&")) == {"stub.count=4", "stub2.count=3", "explorer.stride=2"}
    again = open_at(address, f"index.html{query}")
    expect(again.locator(".aebook-stub .count")).to_have_text(["4", "3"])
    expect(again.locator(".letters")).to_have_text(["abc", "abc"])
    expect(again.locator(".worked")).to_have_text([re.compile(r"\d")] * 2)
    expect(again.get_by_role("slider", name="stride", exact=True)).to_have_value("2")


def test_scripts_and_weights_are_asked_for_when_the_widget_comes_near_the_screen(open_at, address):
    page, asked = open_at(address, "far.html"), []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("[data-aebook-widget]")).to_contain_text("a stub stands here")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.locator("[data-ready]").count() == 0 and asked == []
    page.locator("[data-aebook-widget]").scroll_into_view_if_needed()
    near(page.locator(".net").inner_text() or waited(page.locator(".net")), small(1)(GIVEN))
    wanted = ("stub.js?v=", "stub.en.js?v=", "lib/net.js?v=", "weights/tiny.js")
    assert [name for name in wanted if not any(f"widgets/{name}" in url for url in asked)] == []
    assert not any("stub.ko.js" in url for url in asked)


def test_where_a_script_cannot_be_loaded_the_words_stay(browser, pages):
    page = browser.new_page()
    page.route("**/widgets/stub.en.js*", lambda route: route.abort())
    with serving(pages) as served:
        page.goto(f"{served}/far.html")
        page.locator("[data-aebook-widget]").scroll_into_view_if_needed()
        expect(page.locator("[data-aebook-widget]")).to_have_attribute("data-ready", "no")
        expect(page.locator("[data-aebook-widget]")).to_contain_text("a stub stands here")
    page.close()


def waited(locator):
    """The text of an element, once it has one."""
    expect(locator).to_have_text(re.compile(r"\d"))
    return locator.inner_text()


def test_where_nothing_tells_what_is_near_widgets_are_mounted_at_once(browser, pages):
    context = browser.new_context()
    context.add_init_script("delete window.IntersectionObserver")
    page = context.new_page()
    page.goto(f"{pages.as_uri()}/far.html")
    expect(page.locator("[data-ready=yes]")).to_have_count(1)
    context.close()


def test_a_page_that_is_printed_has_all_its_widgets(open_at, pages):
    page = open_at(pages.as_uri(), "far.html")
    expect(page.locator("[data-aebook-widget]")).to_contain_text("a stub stands here")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("[data-ready=yes]")).to_have_count(1)


def test_weights_that_cannot_be_loaded_are_told_to_the_view(browser, pages):
    page = browser.new_page()
    page.route("**/weights/tiny.js", lambda route: route.abort())
    with serving(pages) as served:
        page.goto(f"{served}/index.html")
        expect(page.locator(".net").first).to_have_text("no weights")
        page.unroute("**/weights/tiny.js")
    page.close()


def test_a_view_that_is_taken_out_of_the_page_is_ended(open_at, pages):
    page = open_at(pages.as_uri(), "index.html")
    expect(page.locator("[data-ready=yes]")).to_have_count(3)
    page.locator("[data-aebook-widget=stub]").first.evaluate("place => place.remove()")
    expect(page.locator("body")).to_contain_text("aborted initialize ended render ended")


@pytest.mark.parametrize(("name", "ours"), [("index", True), ("explorer", False), ("none", False)])
def test_a_page_loads_what_the_widgets_named_in_it_need(pages, name, ours):
    html = (pages / f"{name}.html").read_text(encoding="utf-8")
    asked = {file: file in html for file in ("stub.js", "stub.en.js", "stub.css", "lib/net.js")}
    assert set(asked.values()) == {ours}
    assert ("mount.js" in html, "stub.ko.js" in html, "weights" in html) == (name != "none", False, False)


CELLS = """import torch
from torch import nn

from aebook import Stub
from aebook.nets import packed, unpacked

torch.manual_seed(2)
model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
stub = Stub(net=packed(model, "float32"), count=5)
stub"""


def test_in_jupyterlab_a_learners_own_model_travels_to_the_stub_and_another_back(
    browser, copy, tmp_path, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(copy / "src"))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELLS)], metadata=kernel)
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    complaints, context = [], browser.new_context()
    with serving_lab(tmp_path) as address:
        page = context.new_page()
        listen(page, complaints, address)
        open_notebook(page, address, "notebook.ipynb")
        stub = page.locator(".aebook-stub")
        expect(stub.locator(".letters")).to_have_text("abc", timeout=60_000)
        near(stub.locator(".own").inner_text(), small(2)(GIVEN))
        near(waited(stub.locator(".net")), small(1)(GIVEN))
        expect(stub.locator(".worked")).to_have_text(stub.locator(".net").inner_text())
        expect(stub).to_have_css("color", "rgb(1, 2, 3)")
        stub.get_by_role("button", name="more").click()
        python(page, "stub.count += 2")
        expect(stub.locator(".count")).to_have_text("8")
        stub.get_by_role("button", name="back").click()
        expect(stub.locator(".own")).to_have_text(stub.locator(".net").inner_text())
        assert bytes(value(page, "list(stub.net)")) == packed(small(1), "float32")
        near(
            value(page, "' '.join(map(str, unpacked(stub.net)(torch.tensor([[1.0, 2.0]]))[0].tolist()))"),
            small(1)(GIVEN),
        )
        context.close()
    assert complaints == []


def test_the_stub_is_one_that_could_be_ours():
    assert {"spec.json", "view.js", "style.css", "words.ko.js", "words.en.js", "__init__.py"} <= FILES.keys()
