"""What the site itself says is Korean on a Korean page, and English on an English one."""

import re

from aebook_words import SAY, SPHINX
from contents import FIRST_PAGE, language_of

HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile("[a-z]{2,}", re.IGNORECASE)
# Names, which both languages write alike: the book's, other works', PyTorch's arguments.
ARGUMENTS = "(input|kernel)_size|kernel|stride|(output_)?padding|dilation|(in|out)_channels|groups|bias"
NAMES = rf"\b(aebook|DCGAN|U-Net|{ARGUMENTS})\b"
EVERY_TEXT = "[...document.querySelectorAll('body *')].map(one => one.textContent.trim())"

# Texts of whatever one presses, chooses or finds one's way by, and the texts that are only told or pointed at.
UI_TEXTS = """() => {
  const named = [...document.querySelectorAll("[title], [aria-label], [placeholder], [alt]")].flatMap((element) =>
    ["title", "aria-label", "placeholder", "alt"].map((name) => [element, element.getAttribute(name)]));
  const shown = [...document.querySelectorAll(
    "header *, nav *, footer *, button, summary, label, legend, option, th, caption, .admonition-title, .skip-link"
  )].map((element) => [element, [...element.childNodes].filter((node) => node.nodeType === 3).map((node) =>
    node.data).join(" ")]);
  return [...named, ...shown]
    .filter(([element, text]) => text?.trim() && !element.closest("code, pre, math, svg"))
    .map(([element, text]) => [text.trim(), element.closest("[lang]").lang]);
}"""


def test_what_one_presses_or_finds_ones_way_by_is_in_the_language_of_the_page(opened):
    said = opened.page.evaluate(UI_TEXTS)
    assert [(text, language) for text, language in said if is_foreign(text, language)] == []
    assert len(said) > 10 or opened.name in (FIRST_PAGE, "index")


def is_foreign(text, language):
    """Whether a Korean text has English in it and no Korean, or an English one any Korean."""
    if language == "en":
        return bool(HANGUL.search(text))
    return bool(ENGLISH.search(re.sub(NAMES, "", text))) and not HANGUL.search(text)


def test_no_word_of_the_site_in_the_other_language_is_on_a_page(opened):
    if opened.name in (FIRST_PAGE, "index"):
        return  # both languages are there
    other = "en" if language_of(opened.name) == "ko" else "ko"
    foreign = {*SAY[other].values(), *(SPHINX["ko"] if other == "en" else SPHINX["ko"].values())}
    shown = set(opened.page.evaluate(EVERY_TEXT))
    assert foreign & shown == set()
    assert set(SAY[language_of(opened.name)].values()) & shown


def test_the_title_and_the_description_are_in_the_language_of_the_page(opened):
    if opened.name in (FIRST_PAGE, "index"):
        return  # the title is the book's name, and the description is in both
    described = opened.page.locator("meta[name=description]").get_attribute("content")
    title = opened.page.title().removesuffix(" — aebook")
    for text in (title, re.sub(r"\(.*?\)", "", described)):  # there are names of the other language in some
        assert (len(HANGUL.findall(text)) > len(re.findall("[A-Za-z]", text))) == (
            language_of(opened.name) == "ko"
        )
    assert len(described) > 40
