"""Training in JupyterLab: it learns there as in a page, and Python and the view go together."""

from lab_server import KERNEL, cell_run, python, reopened, value
from playwright.sync_api import expect

CELL = "from aebook import Training\n\ntraining = Training(learning_rate=2e-3, language='ko')\ntraining"


def test_it_learns_in_jupyterlab_and_stays_readable_when_it_is_opened_again(browser, jupyterlab):
    with cell_run(browser, jupyterlab, CELL, ".aebook-training[data-steps='0']") as page:
        training = page.locator(".aebook-training")
        training.get_by_role("button", name="한 단계").click()
        expect(training).to_have_attribute("data-steps", "1")
        page.wait_for_function(f"{KERNEL}.status === 'idle'", timeout=60_000)
        assert value(page, "training.steps") == 1
        python(page, "training.code_size, training.steps = 6, 12")
        expect(training).to_have_attribute("data-steps", "12", timeout=60_000)
        expect(training.locator("canvas.weight")).to_have_count(6)
        training.locator("summary").click()
        training.get_by_role("slider", name="잠재 코드 크기").press("ArrowRight")
        expect(training.locator("canvas.weight")).to_have_count(7)
        assert page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length") == 1
        again = reopened(page).locator("[data-aebook-widget=training]")
        expect(again).to_contain_text("JupyterLab에서 셀을 실행")
