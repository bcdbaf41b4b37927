"""Training in JupyterLab: it learns there as in a page, and Python and the view go together."""

import nbformat
from complaints import listen
from lab_server import open_notebook, python, save_and_shut_down, serving_lab, value
from playwright.sync_api import expect

CELL = "from aebook import Training\n\ntraining = Training(learning_rate=2e-3, language='ko')\ntraining"


def test_it_learns_in_jupyterlab_and_stays_readable_when_it_is_opened_again(browser, tmp_path):
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata=kernel)
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    complaints, context = [], browser.new_context()
    with serving_lab(tmp_path) as address:
        page = context.new_page()
        listen(page, complaints, address)
        open_notebook(page, address, "notebook.ipynb")
        training = page.locator(".aebook-training")
        expect(training).to_have_attribute("data-steps", "0", timeout=120_000)
        training.get_by_role("button", name="한 단계").click()
        expect(training).to_have_attribute("data-steps", "1")
        page.wait_for_function(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'", timeout=60_000
        )
        assert value(page, "training.steps") == 1
        python(page, "training.code_size, training.steps = 6, 12")
        expect(training).to_have_attribute("data-steps", "12", timeout=60_000)
        expect(training.locator("canvas.weight")).to_have_count(6)
        training.locator("summary").click()
        training.get_by_role("slider", name="잠재 코드 크기").press("ArrowRight")
        expect(training.locator("canvas.weight")).to_have_count(7)
        assert page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length") == 1
        assert complaints == []
        save_and_shut_down(page)
        other = context.new_page()
        open_notebook(other, address, "notebook.ipynb", run=False)
        expect(other.locator("[data-aebook-widget=training]")).to_contain_text("JupyterLab에서 셀을 실행")
        context.close()
