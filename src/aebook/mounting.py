"""Where a page mounts the explorer, and what it takes there. Without PyTorch: the book is built without it."""

import html
import json

# The lowest and the highest value of each setting, along one axis; explorer.js has the same.
BOUNDS = {
    "input_size": (1, 16),
    "kernel_size": (1, 7),
    "stride": (1, 5),
    "padding": (0, 6),
    "output_padding": (0, 5),
    "dilation": (1, 4),
}
FALLBACK = {
    "en": "The ConvTranspose2d explorer: run this cell in JupyterLab, or open the page with JavaScript.",
    "ko": "ConvTranspose2d 탐색기입니다. JupyterLab에서 셀을 실행하거나 JavaScript를 켜고 페이지를 여세요.",
}


def mount_point(state: dict, language: str) -> str:
    """The HTML that ``book/assets/mount.js`` puts the explorer into, and what stands there until it does.

    Args:
        state: the settings to begin with; those left out are as explorer.js has them at first.
        language: of the words that stand there; the explorer takes its own from ``state``, or from the page.
    """
    text = html.escape(json.dumps(state, ensure_ascii=False))
    return f'<div data-aebook-widget="explorer" data-state="{text}">{FALLBACK[language]}</div>'
