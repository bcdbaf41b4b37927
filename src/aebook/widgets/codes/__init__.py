"""Move the numbers of a code, and see the decoder draw: ``Codes``."""

from pathlib import Path

from aebook.widgets.own import ModelsWidget


class Codes(ModelsWidget):
    """The numbers of a code as sliders, and what a model's decoder draws of them.

    Beside the book's three models with 20 numbers, it shows a learner's own:

        codes = Codes(models={"mine": model}, digit=3)
        Codes(only="linear")  # of the book's models this one alone
        Codes(only="variational")  # the variational autoencoder of chapter 9, which is not beside the others

    Args:
        models: by the name that is shown, each with an ``encoder`` from images (B, 1, 28, 28) to codes (B, n), n
            at most 64, and a ``decoder`` back, of layers that ``nets.packed`` takes. Their weights are copied:
            after more training set ``codes.models`` again.
        settings: where the code begins and how it was moved, as the page's address has them; ``code`` holds the
            numbers that the sliders were moved to, and is empty before.

    Raises:
        TypeError, ValueError: a model that is something else; the message says what is accepted.
        traitlets.TraitError: a value that a setting does not take, or a name that is no setting.
    """

    folder = Path(__file__).parent
