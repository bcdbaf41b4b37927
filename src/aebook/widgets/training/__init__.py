"""The widget Training: a linear autoencoder that learns in the page."""

from pathlib import Path

from aebook.widgets.widget import Widget


class Training(Widget):
    """A linear autoencoder that is trained where it is looked at, on 4,000 digits in 16 greys.

    The loss of every batch, PCA's error for these digits, the decoder's weights and ten test digits are seen on
    the way. It begins with chapter 1's first recipe; the same settings give the same curve.

        training = Training(learning_rate=2e-3, pause_every=2350)
        training.steps  # how many steps are done, whenever it pauses; to set it trains until then

    Raises:
        traitlets.TraitError: a value that a setting does not take, or a name that is no setting (an AttributeError
            as well).
    """

    folder = Path(__file__).parent
