"""aebook: what the chapters of the book on autoencoders share."""


def __getattr__(name):
    """The explorer, which needs PyTorch and anywidget, is imported when it is asked for."""
    if name == "ConvTransposeExplorer":
        from aebook.explorer import ConvTransposeExplorer

        return ConvTransposeExplorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
