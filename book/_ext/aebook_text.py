"""What the text of a page needs so as to be set well: breaks of lines, columns of print, the glossary as a list.

All of it happens as a page is written, so that the search and the other extensions have the text as it was typed.
"""

import re
from html import unescape

from docutils import nodes

JOINER = "\u2060"  # no line ends here
HANGUL = "[가-힣]"
AFTER_A_CLOSING = re.compile(rf"(?<=[)\]”’»%])(?={HANGUL})")
TIMES = re.compile(r"(?<=[\w)]) × (?=[\w(])")
IN_A_PAIR = re.compile(r"(?<=\(\d,) (?=\d\))")
ARROW = re.compile(r"(?<=→) ")
HYPHEN = re.compile(r"(?<=\bt)-(?=SNE\b)")
PRINT = re.compile(
    r'(<div class="output stream[^>]*>\s*<div class="highlight"><pre><span></span>)(.*?)(?=</pre>)', re.DOTALL
)
# What a cell printed: a line of words alone, set in from the margin, which are heads; or a name, spaces behind it.
COLUMN = re.compile(
    rf"^(?P<heads>  [^\n<\d]*{HANGUL}[^\n<\d]*)$|^(?P<name>[^\n<]*?{HANGUL}[^\n<]*?  +)(?=\S)", re.MULTILINE
)
AS_TYPED = nodes.literal | nodes.literal_block | nodes.raw | nodes.math | nodes.math_block | nodes.FixedTextElement


def hold_lines_together(app, doctree, page):
    """Keeps a particle from beginning a line, and the two sides of a ×, or of (0, 1), on one line.

    Browsers part a closing bracket, or a formula, from the Hangul behind it; a Korean word does not end there.
    """
    if app.builder.format != "html":
        return
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, AS_TYPED):
            continue
        held = TIMES.sub("\u00a0×\u00a0", AFTER_A_CLOSING.sub(JOINER, str(text)))
        held = HYPHEN.sub(f"{JOINER}-{JOINER}", ARROW.sub("\u00a0", IN_A_PAIR.sub("\u00a0", held)))
        if follows(text, nodes.math) and (word := re.match(r"\S+", held)):
            hold_to_formula(text, held, word.end())
            continue
        if follows(text, nodes.Inline) and re.match(HANGUL, held):
            held = JOINER + held
        if held != text:
            text.parent.replace(text, nodes.Text(held))


def follows(text, kind):
    """Whether the text goes on right behind such a node: code, a link, a formula."""
    place = text.parent.index(text)
    return place > 0 and isinstance(text.parent[place - 1], kind)


def hold_to_formula(text, held, end):
    """Puts a formula and what stands right behind it in a span that browsers do not break, as no joiner can."""
    parent, place = text.parent, text.parent.index(text)
    together = nodes.inline("", "", parent[place - 1], nodes.Text(held[:end]), classes=["together"])
    parent[place - 1 : place + 1] = [together, *([nodes.Text(held[end:])] if held[end:] else [])]


def align_print(app, page, template, context, doctree):
    """Keeps columns in line behind names in Hangul, which no font sets as wide as so many letters of code.

    Heads above numbers are typed two letters of code wide, as terminals and monospaced Korean fonts have them.
    """
    if "body" in context:
        context["body"] = PRINT.sub(lambda found: found[1] + COLUMN.sub(column, found[2]), context["body"])


def column(found):
    """A name as wide as Python took it to be; or heads, each of which ends where it was typed to end."""
    if found["name"]:
        return f'<span class="field" style="width: {len(unescape(found["name"]))}ch">{found["name"]}</span>'
    return re.sub(f"{HANGUL}+", head, found["heads"])


def head(found):
    """A word of the heads, two letters of code for each of its own."""
    return f'<span class="field head" style="width: {2 * len(found[0])}ch">{found[0]}</span>'


def list_terms(app, doctree, page):
    """Makes the sections of the glossary that have no sections of their own a definition list, at the same ids."""
    if app.builder.format != "html" or not page.endswith("/glossary"):
        return
    for section in list(doctree.findall(nodes.section)):
        entries = [child for child in section.children if isinstance(child, nodes.section)]
        if entries and not any(entry.next_node(nodes.section) for entry in entries):
            terms = nodes.definition_list("", *map(defined, entries), classes=["glossary"])
            section.children = [child for child in section.children if child not in entries]
            section += terms


def defined(entry):
    """A section of the glossary as a term, with its translation, and its definition."""
    title, first, *rest = entry.children
    translation = first.next_node(nodes.strong)
    meaning = first.children[first.index(translation) + 1 :]
    term = nodes.term("", *title.children, ids=entry["ids"])
    term += nodes.inline("", translation.astext().rstrip("."), classes=["translation"])
    while meaning and isinstance(meaning[0], nodes.Text) and not meaning[0].strip():
        del meaning[0]
    if meaning and isinstance(meaning[0], nodes.Text):
        meaning[0] = nodes.Text(meaning[0].lstrip())
    definition = nodes.definition("", nodes.paragraph("", "", *meaning), *rest)
    return nodes.definition_list_item("", term, definition)


def setup(app):
    """Called by Sphinx."""
    app.connect("doctree-resolved", list_terms)
    app.connect("doctree-resolved", hold_lines_together, priority=600)
    app.connect("html-page-context", align_print)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
