"""The widget Threshold: hits and false alarms, as a threshold moves."""

from pathlib import Path

import numpy as np
import torch

from aebook.widgets.widget import Widget


class Threshold(Widget):
    """Two histograms of a score, and a threshold to move between them: hits, false alarms, the ROC curve.

    Beside the scores that the book carries, it shows a learner's own, of which the larger is the less familiar:

        Threshold(familiar=errors(model, test.images), unfamiliar=errors(model, test.images.flip(3)))

    Args:
        familiar: the scores of familiar images, finite numbers in a tensor, an array or a list of one axis.
        unfamiliar: those of unfamiliar images, of which there may be another number; both or none.
        settings: what is compared, by which score, at which threshold, as the page's address has them.

    Raises:
        TypeError, ValueError: scores that are something else; the message says what is taken.
        traitlets.TraitError: a value that a setting does not take, or a name that is no setting.
    """

    folder = Path(__file__).parent

    def __init__(self, familiar=None, unfamiliar=None, **settings):
        if (familiar is None) != (unfamiliar is None):
            raise ValueError("familiar and unfamiliar must be given together, and one of them is missing")
        own = {}
        if familiar is not None:
            own = {"usual": _carried("familiar", familiar), "strange": _carried("unfamiliar", unfamiliar)}
            settings = {"kind": "own", **settings}
        super().__init__(**settings, **own)

    @property
    def familiar(self) -> np.ndarray:
        """The learner's own scores of familiar images, float64, (N,); set them again to show others."""
        return np.frombuffer(self.usual)

    @familiar.setter
    def familiar(self, scores):
        self.usual = _carried("familiar", scores)

    @property
    def unfamiliar(self) -> np.ndarray:
        """Those of unfamiliar ones."""
        return np.frombuffer(self.strange)

    @unfamiliar.setter
    def unfamiliar(self, scores):
        self.strange = _carried("unfamiliar", scores)


def _carried(name: str, scores) -> bytes:
    """Scores as bytes: float64, little endian."""
    if isinstance(scores, torch.Tensor):
        scores = scores.detach().cpu().numpy()
    try:
        numbers = np.asarray(scores, dtype="<f8")
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be numbers of one axis, and is {scores!r}") from None
    accepted = f"{name} must be finite numbers of one axis, at least one"
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(f"{accepted}, and has the shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{accepted}, and {(~np.isfinite(numbers)).sum()} of {numbers.size} are nan or infinite")
    return numbers.tobytes()
