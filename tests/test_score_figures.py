"""The pictures of scores show what was counted."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from aebook.score_figures import by_digit, histograms, roc


def heights(axis):
    return np.array([bar.get_height() for bar in axis.patches])


def test_every_score_is_counted_once_in_the_histogram_of_its_kind():
    chance = torch.Generator().manual_seed(0)
    usual, new, far = (torch.rand(count, generator=chance) * wide for count, wide in ((500, 1), (90, 1), (7, 50)))
    for threshold in (None, 0.4):
        figure = histograms(usual, {"new": new, "far": far}, threshold, language="ko")
        assert not plt.fignum_exists(figure.number)
        assert [heights(axis).sum() for axis in figure.axes] == [500, 90, 7]
        assert "new" in [text.get_text() for text in figure.axes[1].texts]


def test_the_darker_part_is_what_is_above_the_threshold():
    scores = torch.rand(1000, generator=torch.Generator().manual_seed(0))
    for threshold in (0.1, 0.5, 0.77):
        (first, _) = histograms(scores, {"same": scores}, threshold).axes
        dark = sum(bar.get_height() for bar in first.patches if bar.get_alpha() is None)
        assert dark == (scores > threshold).sum()


def test_a_curve_is_drawn_through_its_points_under_its_name():
    (axis,) = roc({"one": ([0, 0.2, 1], [0, 0.9, 1])}, language="ko").axes
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [[0, 0], [0.2, 0.9], [1, 1]])
    assert axis.get_legend().get_texts()[0].get_text() == "one" and axis.get_xlabel() == "오경보율"


@pytest.mark.parametrize("scores", [torch.ones(2, 2), torch.ones(0), torch.tensor([1.0, torch.nan])])
def test_what_are_no_scores_is_refused(scores):
    with pytest.raises(ValueError, match="finite numbers of one axis"):
        histograms(torch.ones(2), {"new": scores})


def test_each_seed_has_its_mark_for_every_digit_and_so_has_the_mean():
    chance = torch.Generator().manual_seed(0)
    values = torch.rand(3, 10, generator=chance)
    (axis,) = by_digit({"one": values}, language="ko").axes
    half, means, *seeds = axis.lines
    assert set(half.get_ydata()) == {0.5} and axis.get_xlabel() == "학습에서 뺀 숫자"
    np.testing.assert_allclose(means.get_ydata(), values.mean(0), rtol=1e-6)
    np.testing.assert_allclose([seed.get_ydata() for seed in seeds], values, rtol=1e-6)
    for wrong in (values[0], values[:, :9], values + 1):
        with pytest.raises(ValueError, match=r"shares from 0 to 1, \(seeds, 10\)"):
            by_digit({"one": wrong})


def test_shares_beyond_1_and_languages_that_there_are_not_are_refused():
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        roc({"one": ([0, 2], [0, 1])})
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        roc({"one": ([0, 1], [0, 0.5, 1])})
    for draw in (lambda: roc({}, language="fr"), lambda: histograms(torch.ones(2), {}, language="fr")):
        with pytest.raises(ValueError, match="language must be one of"):
            draw()
