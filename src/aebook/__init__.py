"""aebook: what the chapters of the book on autoencoders share."""


def __getattr__(name):
    """A widget, which needs PyTorch and anywidget, is imported when it is asked for, by its class."""
    from importlib import import_module

    from aebook.widgets import spec

    for folder, widget in spec.found().items():
        if widget.class_name == name:
            return getattr(import_module(f"aebook.widgets.{folder}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
