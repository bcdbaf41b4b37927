"""What all widgets are in JupyterLab: a front end and traits, both out of the widget's folder.

The same modules run in the book's pages. There ``book/assets/mount.js`` mounts them; here anywidget does, which
takes one text: the sources of the modules, and two lines that load ``lab.js`` out of them, which loads the others.
"""

import copy
import json
from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from aebook.widgets import spec as specs

VIEW = "application/vnd.jupyter.widget-view+json"
FRONT_END = """const sources = {sources};
const at = (path) => URL.createObjectURL(new Blob([sources[path]], {{ type: "text/javascript" }}));
export default async () => (await (await import(at("loader.js"))).load(sources, "lab.js")).inLab(sources, {name});
"""
# Where a widget is shown, the words in its place are not, see _ipython_display_.
HIDES_WORDS = ".jp-OutputArea-child:has([data-aebook-widget]):has(+ * .aebook-widget) { display: none; }\n"


class NoSuchSetting(traitlets.TraitError, AttributeError):
    """A name that is no setting; the message lists those there are."""

    def __init__(self, names: list[str], known: list[str]):
        super().__init__(f"no setting is called {', '.join(names)}; there are {', '.join(known)}")


class Setting(traitlets.TraitType):
    """A setting as a trait: what it takes is said in ``spec.json``."""

    def __init__(self, spec: specs.Spec, name: str):
        self.spec = spec
        super().__init__(spec.settings[name].get("default", b""))

    def default(self, obj=None):
        """A value of each widget's own: one of them may be changed in place."""
        return copy.deepcopy(self.default_value)

    def validate(self, owner, value):
        """The value as it is kept."""
        try:
            return self.spec.taken(self.name, value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None


class Widget(anywidget.AnyWidget):
    """A widget of this book; a subclass names the ``folder`` that it lies in, and its ``spec.json`` says the rest.

    Every setting is a trait. The HTML that it leaves for the pages holds them all, but for bytes.

    Raises:
        traitlets.TraitError: a value that a setting does not take, or a name that is no setting (an AttributeError
            as well).
    """

    folder: Path
    spec: specs.Spec

    def __init_subclass__(cls, **options):
        """Reads the folder, if the class names one; one that does not has its parent's."""
        if "folder" in cls.__dict__:
            cls.spec = specs.read(cls.folder)
            if taken := [name for name in cls.spec.settings if hasattr(Widget, name)]:
                raise ValueError(f"a setting cannot be called {', '.join(taken)}: every widget has that already")
            cls._esm = front_end(cls.spec)
            cls._css = style(cls.spec)
        super().__init_subclass__(**options)

    def __init__(self, **settings):
        if unknown := sorted(set(settings) - set(self.spec.settings)):
            raise NoSuchSetting(unknown, self._names())
        traits = {name: Setting(self.spec, name) for name in self.spec.settings}
        blobs = {path: traitlets.Bytes() for path in self.spec.carried}
        self.add_traits(**{name: trait.tag(sync=True) for name, trait in {**traits, **blobs}.items()})
        super().__init__(**settings)
        self.on_msg(self._asked)

    def __setattr__(self, name, value):
        if not name.startswith("_") and not hasattr(type(self), name):
            raise NoSuchSetting([name], self._names())
        super().__setattr__(name, value)

    @classmethod
    def _names(cls) -> list[str]:
        """The settings that go into a page, in the order of the alphabet: all but bytes."""
        return sorted(name for name, setting in cls.spec.settings.items() if setting["kind"] != "bytes")

    def _state(self) -> dict:
        """Every setting that goes into a page."""
        return {name: getattr(self, name) for name in self._names()}

    def _asked(self, widget, content, buffers):
        """Sends weights or data when the view asks for them: they are too heavy to go along with every widget."""
        path = content.get("load") if isinstance(content, dict) else None
        if path in self.spec.carried:
            self.set_trait(path, self.spec.carried[path].read_bytes())

    def _repr_mimebundle_(self, **kwargs):
        """The widget for Jupyter, and for everything else the place where a page mounts it."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        place = specs.mount_point(self.spec, self._state(), self.language)
        return {**data, "text/html": place, "text/plain": f"{type(self).__name__}()"}, metadata

    def _ipython_display_(self):
        """Two outputs: the place with its words, which the view hides while there is one, and the widget.

        Where a saved notebook is opened again, JupyterLab shows an error in place of a widget that is gone,
        whatever else the same output holds; the words above it say what to do.
        """
        data, metadata = self._repr_mimebundle_()
        widget = {VIEW: data.pop(VIEW)}
        display(data, raw=True)
        display(widget, metadata=metadata, raw=True)


def front_end(spec: specs.Spec) -> str:
    """The widget's modules as the one text that anywidget takes."""
    sources = specs.modules(spec, "loader.js", "lab.js")
    return FRONT_END.format(sources=json.dumps(sources, ensure_ascii=False), name=json.dumps(spec.name))


def style(spec: specs.Spec) -> str:
    """What the widget looks like; a page has the table of colours and sizes by itself."""
    sheets = specs.WIDGETS / "lib" / "tokens.css", *specs.sheets(spec).values()
    return HIDES_WORDS + "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
