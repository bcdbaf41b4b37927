"""How far the colours of a page stand apart, measured in what the browser draws."""

import io

import numpy as np
from matplotlib.image import imread


def drawn(element, margin=8):
    """The element (a locator) and what is around it, as pixels: (height, width, 3), sRGB from 0 to 1."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    clip = {"x": box["x"] - margin, "y": box["y"] - margin}
    clip |= {side: box[side] + 2 * margin for side in ("width", "height")}
    return imread(io.BytesIO(element.page.screenshot(clip=clip)))[..., :3]


def contrast(one, other):
    """WCAG's contrast ratio, from 1 to 21, of colours (..., 3)."""
    brighter, darker = np.maximum(*(both := (luminance(one), luminance(other)))), np.minimum(*both)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colours):
    """WCAG's relative luminance of sRGB colours, (..., 3) to (...)."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])
