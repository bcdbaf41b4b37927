"""The pages that the site should have, as ``_toc.yml`` names them."""

from pathlib import Path

import yaml

CONTENTS = yaml.safe_load((Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [chapter["file"] for part in CONTENTS["parts"] for chapter in part["chapters"]]
FIRST_PAGE = CONTENTS["root"]
NOTEBOOKS = [chapter for chapter in CHAPTERS if chapter.rpartition("/")[2][0].isdigit()]
SEARCH = ["book/ko/search", "book/en/search"]
PAGES = ["index", FIRST_PAGE, *CHAPTERS, *SEARCH]


def language_of(name):
    """The language a page should have: its folder's, or English for the first page."""
    return name.split("/")[1] if name in CHAPTERS + SEARCH else "en"


def in_language(name, language):
    """The same chapter's page in that language."""
    return f"book/{language}/{name.rpartition('/')[2]}"
