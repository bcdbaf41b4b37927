"""CodeMap in JupyterLab: a learner's own model, images and labels, and weights that have changed."""

from lab_server import cell_run, eventually, python, reopened, value
from playwright.sync_api import expect

from aebook.widgets.codemap import CodeMap

CELL = """import torch
from aebook import CodeMap, data
from aebook.models import LinearAutoencoder

torch.manual_seed(0)
model = LinearAutoencoder(2)
digits = data.mnist(train=False)
some = digits.labels >= 7
code_map = CodeMap(network=model, images=digits.images[some][:60], digits=digits.labels[some][:60])
code_map"""
EXPECTED = "(model.decode(torch.tensor([code_map.code])).flatten().clamp(0, 1) * 255).tolist()"
CODES = "model.encode((digits.images[some][:60] / 17).round() / 15)"
NEAREST = f"digits.labels[some][({CODES} - torch.tensor(code_map.code)).square().sum(1).argmin()].item()"
INK = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3)"


def require_pytorchs(lab, root):
    """What is drawn, and the label of the nearest digit, are PyTorch's for the code that Python has."""

    def is_drawn():
        expected, drawn = value(lab, EXPECTED), root.locator(".drawn").evaluate(INK)
        assert len(expected) == 784
        assert max(abs(one - other) for one, other in zip(drawn, expected, strict=True)) < 0.55
        assert root.locator("figure b").nth(1).inner_text() == f"a {value(lab, NEAREST)}"

    eventually(is_drawn)


def test_a_learners_model_images_and_labels_make_the_map_in_jupyterlab(browser, jupyterlab):
    with cell_run(browser, jupyterlab, CELL, ".aebook-codemap[data-settled=own]") as page:
        root = page.locator(".aebook-codemap")
        expect(root.get_by_role("radio", name="your own")).to_be_checked()
        root.locator(".map").click(position={"x": 130, "y": 200})
        require_pytorchs(page, root)
        python(page, "code_map.code = [0.1, -0.2]")
        expect(root.locator("figure b").first).to_have_text("(0.1, −0.2)")
        require_pytorchs(page, root)
        python(page, "_ = torch.nn.init.normal_(model.decoder[0].weight, std=0.3); code_map.network = model")
        expect(root).to_have_attribute("data-settled", "own", timeout=60_000)
        require_pytorchs(page, root)
        root.locator(".map").focus()
        page.keyboard.press("Shift+ArrowRight")
        expect(root.locator("figure b").first).not_to_have_text("(0.1, −0.2)")
        require_pytorchs(page, root)
        assert page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length") == 1
        root.get_by_role("radio", name="nonlinear").check()
        expect(root).to_have_attribute("data-settled", "nonlinear", timeout=60_000)
        expect(reopened(page).get_by_text(CodeMap.spec.fallback["en"])).to_be_visible()
