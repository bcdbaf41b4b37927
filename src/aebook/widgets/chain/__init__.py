"""A whole decoder, sized layer by layer: ``DecoderChain``, its sizes, and the decoder that its code builds."""

from pathlib import Path

from torch import nn

from aebook.transposed import Setting, output_size
from aebook.widgets.widget import Widget


class DecoderChain(Widget):
    """Layers of ``nn.ConvTranspose2d`` in a row, from ``input_size`` to a ``target``, height and width alike.

    Each of ``layers`` is a row of integers: kernel_size, stride, padding, output_padding, dilation, out_channels.
    A layer that PyTorch refuses is kept; the view says which one it is, and why.

        chain = DecoderChain(input_size=5, target=64, layers=[[5, 2, 0, 0, 1, 16], [5, 2, 0, 1, 1, 1]])
        chain.sizes  # [13, 30]

    Raises:
        traitlets.TraitError: a value out of bounds, or a name that is no setting (an AttributeError as well).
    """

    folder = Path(__file__).parent

    @property
    def sizes(self) -> list[int]:
        """The size after each layer, in pixels, of the height and of the width.

        Raises:
            ValueError: where PyTorch refuses a layer; the message says which rule is broken.
        """
        sizes = [self.input_size]
        for *setting, _ in self.layers:
            sizes.append(output_size(sizes[-1], *setting))
        return sizes[1:]

    @property
    def decoder(self) -> nn.Sequential:
        """The decoder, with ``nn.ReLU`` between its layers: from maps (B, in_channels, input_size, input_size)."""
        parts, channels = [], self.in_channels
        for *setting, out_channels in self.layers:
            parts += [Setting(*setting).layer(channels, out_channels), nn.ReLU()]
            channels = out_channels
        return nn.Sequential(*parts[:-1])
