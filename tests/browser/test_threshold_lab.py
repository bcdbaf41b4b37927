"""Threshold in JupyterLab: a learner's own scores, set again from Python, and what it counts of them."""

from lab_server import cell_run, python, reopened, value
from playwright.sync_api import expect

from aebook import Threshold

CELL = """import numpy as np
from aebook import Threshold

chance = np.random.default_rng(0)
usual, strange = chance.normal(0, 1, 300), chance.normal(1, 1, 70)
scores = Threshold(familiar=usual, unfamiliar=strange)
scores"""
ROOT = ".aebook-threshold[data-settled='own error']"


def test_a_learners_scores_are_counted_in_jupyterlab_and_python_leads(browser, jupyterlab):
    with cell_run(browser, jupyterlab, CELL, ROOT) as page:
        root = page.locator(".aebook-threshold")
        expect(root.get_by_role("radio", name="your own")).to_be_checked()
        for threshold in (0.25, 1.5):
            python(page, f"scores.threshold = [{threshold}]")
            hits, alarms = value(page, f"[int((each > {threshold}).sum()) for each in (strange, usual)]")
            expect(root.locator("dd.hits")).to_contain_text(f"({hits} of 70)")
            expect(root.locator("dd.alarms")).to_contain_text(f"({alarms} of 300)")
        python(page, "scores.unfamiliar = strange[:20] + 100")
        expect(root.locator("dd.hits")).to_contain_text("(20 of 20)")
        root.get_by_role("slider").press("ArrowRight")
        assert value(page, "scores.threshold[0]") > 1.5
        expect(reopened(page).get_by_text(Threshold.spec.fallback["en"])).to_be_visible()
