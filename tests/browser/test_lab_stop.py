"""Stop means stop: JupyterLab's stop button during `fit` ends Run All, and the model keeps what it has learned."""

import nbformat
from lab_server import KERNEL, PATIENCE, open_notebook, python

CELLS = [
    """
import torch
from aebook import data
from aebook.models import LinearAutoencoder
from aebook.training import evaluate, fit
images = data.mnist().images[:2560]
torch.manual_seed(0)
model = LinearAutoencoder(3)
before = evaluate(model, images)
epochs = []
def on_epoch(history):
    epochs.append(history.train_loss[-1])
    if len(epochs) == 2:
        print("two epochs are over")
later = "not run"
""",
    """
fit(
    model, images, epochs=100_000, learning_rate=1e-3, seed=0,
    checkpoint="run.safetensors", on_epoch=on_epoch,
)
""",
    "later = 'run'",
]
SAID = """() => [...document.querySelectorAll(".jp-OutputArea-output")].map(output => output.textContent).join()"""


def test_the_stop_button_ends_run_all_and_the_model_keeps_its_weights(browser, jupyterlab):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip()) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    room, folder = jupyterlab.room()
    nbformat.write(notebook, folder / "stop.ipynb")
    with jupyterlab.window(browser) as page:
        open_notebook(page, jupyterlab.address, f"{room}/stop.ipynb", run=False)
        page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")  # not waited for
        page.wait_for_function(f"({SAID})().includes('two epochs are over')", timeout=PATIENCE)
        page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
        page.wait_for_function(f"({SAID})().includes('Interrupted')", timeout=PATIENCE)
        page.wait_for_function(f"{KERNEL}?.status === 'idle'", timeout=PATIENCE)
        assert "stopped after epoch" in page.evaluate(SAID)
        assert page.evaluate("jupyterapp.shell.currentWidget.content.widgets[2].model.executionCount") is None
        while not python(page, "print('hears again')"):  # just after an error the kernel drops what it is asked
            pass
        code = "print(later, evaluate(model, images) < before, len(epochs) > 1, model.training)"
        assert python(page, code).split() == ["not", "run", "True", "True", "True"]
        # What was saved is where it stopped.
        code = """
from aebook import checkpoints
other = LinearAutoencoder(3)
checkpoints.restore(other, "run.safetensors")
print(all(torch.equal(one, two) for one, two in zip(model.parameters(), other.parameters(), strict=True)))
"""
        assert python(page, code).strip() == "True"
