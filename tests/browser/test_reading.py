"""What the site does for its readers: the way to the other language, the menu, colours, copying, printing."""

import re

import pytest
from contents import CHAPTERS, NOTEBOOKS, in_language, language_of
from playwright.sync_api import expect
from waking import wake

OTHER = {"ko": "en", "en": "ko"}
NAMES = {"ko": "한국어", "en": "English"}
PHONE = {"width": 390, "height": 844}
SETUP = {"ko": "book/ko/setup", "en": "book/en/setup"}


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_header_leads_to_the_other_language_and_back(open_page, name):
    page = open_page(name, **PHONE)
    here = page.url
    for language in (OTHER[language_of(name)], language_of(name)):
        link = page.locator("header").get_by_role("link", name=NAMES[language], exact=True)
        expect(link).to_be_in_viewport()
        assert (link.get_attribute("lang"), link.get_attribute("hreflang")) == (language, language)
        link.click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.url.endswith(in_language(name, language) + ".html")
    assert page.url == here


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_header_leads_to_the_section_being_read(open_page, name):
    page = open_page(name)
    page.evaluate("addEventListener('click', event => event.preventDefault())")
    found = page.evaluate(
        """async (sections) => {
          const link = document.querySelector(".other-language"), found = [];
          for (const id of sections) {
            for (const byAddress of [true, false]) {
              history.replaceState(null, "", byAddress ? `#${id}` : location.pathname);
              document.getElementById(id).scrollIntoView();
              const start = document.getElementById(id).getBoundingClientRect().top;
              link.click();
              const reached = start < 70; // at the end of a page there is no scrolling to a section
              if (byAddress || reached) found.push([id, link.hash.slice(1)]);
            }
          }
          return found;
        }""",
        sections := page.locator("section:not([data-aebook-widget] *)").evaluate_all(
            "all => all.map(one => one.id)"
        ),
    )
    assert len(found) >= len(sections)
    assert [led for led in found if led[1] != (led[0] if led[0] != sections[0] else "")] == []


def test_the_other_language_opens_at_the_same_section_with_the_same_settings(open_page):
    page = open_page(NOTEBOOKS[0])
    page.goto(f"{page.url}?explorer.stride=3#exercises")
    page.locator(".other-language").click()
    page.wait_for_url(re.compile(r"/en/.*\.html\?explorer\.stride=3#exercises$"))
    expect(page.locator("#exercises")).to_be_in_viewport()


@pytest.mark.parametrize("language", NAMES)
def test_without_scripts_the_language_the_menu_and_the_first_page_still_work(open_page, language):
    page = open_page("index", java_script_enabled=False, **PHONE)
    link = page.locator("article").get_by_role("link", name=NAMES[language], exact=True)
    assert link.evaluate("link => link.closest('[lang]').lang") == language
    link.click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#browser-language")).to_be_hidden()
    page.locator(".menu-button").click()
    page.locator("#menu .rest a").first.click()
    page.wait_for_url(f"**/{SETUP[language]}.html")
    expect(page.locator("#menu")).to_be_hidden()
    page.locator(".other-language").click()
    page.wait_for_url(f"**/{SETUP[OTHER[language]]}.html")


@pytest.mark.parametrize(
    ("over", "first", "tag", "language"),
    [
        ("file", "index", "ko-KR", "ko"),
        ("file", "book/index", "en", "en"),
        ("http", "book/index", "ko", "ko"),
        ("http", "index", "en-US", "en"),
        ("http", "index", "fr-FR", None),
    ],
)
def test_the_first_page_follows_the_browsers_language_once(open_page, served, over, first, tag, language):
    page = open_page(SETUP["en"], None if over == "file" else served, locale=tag)
    address = page.url.replace(SETUP["en"], first)
    page.goto(address)
    if language:
        page.wait_for_url(f"**/book/{language}/index.html#browser-language")
        notice = page.locator("#browser-language")
        expect(notice).to_be_in_viewport()
        expect(notice).to_contain_text(NAMES[OTHER[language]])
        page.goto(address)
    expect(page.locator(".choose-language")).to_have_count(2)
    assert page.url == address


@pytest.mark.parametrize("language", NAMES)
def test_the_menu_of_a_phone_opens_by_keyboard_and_closes_behind_a_choice(open_page, language):
    page = open_page(f"book/{language}/01-linear-autoencoder", **PHONE)
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()
    page.locator(".menu-button").press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.locator(".menu-button").click()
    menu.locator("a[href='#exercises']").click()
    expect(menu).to_be_hidden()
    expect(page.locator("#exercises")).to_be_in_viewport()


def test_on_a_wide_screen_both_contents_are_there_and_the_section_being_read_is_marked(open_page):
    page = open_page(NOTEBOOKS[0])
    expect(page.locator(".menu-button")).to_be_hidden()
    expect(page.locator(".book-contents a[aria-current=page]")).to_be_visible()
    page.locator(".page-contents a[href='#training']").click()
    expect(page.locator(".page-contents a[aria-current]")).to_have_attribute("href", "#training")


def test_contents_longer_than_the_window_follow_to_the_last_section_and_end_above_the_footer(open_page):
    page = open_page("book/en/glossary")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = page.locator(".page-contents a").last
    expect(last).to_have_attribute("aria-current", "location")
    expect(last).to_be_in_viewport(ratio=1)
    bottom = last.evaluate("link => link.getBoundingClientRect().bottom")
    assert bottom < page.evaluate("document.querySelector('body > footer').getBoundingClientRect().top")
    # and no other entry shows through the footer
    assert page.evaluate("""() => {
      const { left } = document.querySelector(".page-contents").getBoundingClientRect();
      return !!document.elementFromPoint(left + 40, innerHeight - 20).closest("footer");
    }""")


def test_the_colours_follow_the_system_until_one_chooses_and_the_choice_stays(open_page):
    page = open_page("book/en/setup", color_scheme="dark")

    def dark():
        return page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"

    button = page.get_by_role("button", name="Colours")
    assert dark()
    page.emulate_media(color_scheme="light")
    assert not dark()
    button.click()
    assert not dark()
    button.click()
    assert dark()
    expect(button).to_have_accessible_name("Colours: dark")
    page.reload()
    assert dark()
    expect(button).to_have_accessible_name("Colours: dark")
    button.click()
    expect(button).to_have_accessible_name("Colours: as the system has them")
    assert not dark()


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("secure", [True, False])
def test_code_is_copied_as_it_stands_and_the_button_says_so(open_page, served, language, secure):
    page = open_page(f"book/{language}/01-linear-autoencoder", served)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not secure:  # as on a site without https
        page.evaluate("navigator.clipboard.constructor.prototype.writeText = undefined")
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    cell = page.locator(".cell_input .highlight").first
    code = cell.locator("pre").inner_text().strip()
    button = cell.get_by_role("button")
    expect(button).to_have_text({"ko": "복사", "en": "Copy"}[language])
    cell.hover()
    button.click()
    expect(button).to_have_text({"ko": "복사했습니다", "en": "Copied"}[language])
    if not secure:
        page.evaluate("delete navigator.clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == code
    assert code.count("\n") > 2
    assert not page.locator(".cell_output .copy").count()


REFUSE = """() => {
  const refused = () => Promise.reject(new DOMException("Write permission denied.", "NotAllowedError"));
  Object.defineProperty(navigator, "clipboard", { value: { writeText: refused } });
}"""
TAKE_AWAY = "() => Object.defineProperty(navigator, 'clipboard', { value: undefined })"


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("without", [REFUSE, TAKE_AWAY], ids=["refused", "not there"])
def test_where_the_clipboard_is_closed_code_is_copied_the_older_way(visit, served, language, without):
    opened = visit(f"book/{language}/setup", served)
    page = opened.page
    page.evaluate(without)
    page.evaluate("document.addEventListener('copy', () => (window.copied = getSelection().toString()))")
    button = page.locator(".highlight .copy").first
    code = page.locator(".highlight pre").first.inner_text().rstrip()
    place = page.evaluate("scrollY")
    button.press("Enter")
    expect(button).to_have_text({"ko": "복사했습니다", "en": "Copied"}[language])
    assert page.evaluate("window.copied") == code
    expect(button).to_be_focused()
    assert page.locator("textarea").count() == 0 and page.evaluate("scrollY") == place
    assert opened.complaints == []


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("without", [REFUSE, TAKE_AWAY], ids=["refused", "not there"])
def test_where_nothing_can_be_copied_the_button_says_so_and_the_code_is_selected(visit, served, language, without):
    opened = visit(f"book/{language}/setup", served)
    page = opened.page
    page.evaluate(without)
    page.evaluate("document.execCommand = () => false")
    button = page.locator(".highlight .copy").first
    button.press("Enter")
    said = {"ko": "복사하지 못해 선택만 해 두었습니다", "en": "Not copied, but selected"}
    expect(button).to_have_text(said[language])
    code = page.locator(".highlight pre").first.inner_text().rstrip()
    assert page.evaluate("getSelection().toString().trimEnd()") == code
    expect(button).to_have_text({"ko": "복사", "en": "Copy"}[language])
    assert opened.complaints == []


MALFORMED = ["#100%", "#%", "#%E0%A4%A", "#%ED%A0%80", "?explorer.stride=%#%zz", "?%&=%E0%A4%A#50%25%"]


@pytest.mark.parametrize("over", ["file", "http"])
@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_address_is_as_an_unknown_one(visit, site, served, address, over):
    """Everything is there, and scrolling and leaving for the other language work on."""
    name = "book/en/02-transposed-convolution"
    query, _, anchor = address.partition("#")
    opened = visit(f"{name}.html{query}#{anchor}", site.as_uri() if over == "file" else served)
    page = opened.page
    wake(page)
    expect(page.locator("[data-aebook-widget][data-ready=yes]")).to_have_count(
        page.locator("[data-aebook-widget]").count()
    )
    assert page.locator(".copy").count() == page.locator(".highlight:not(.cell_output *)").count() > 10
    section = page.locator(".page-contents a").nth(3).get_attribute("href")
    page.locator(section).evaluate("section => section.scrollIntoView()")
    expect(page.locator(".page-contents a[aria-current]")).to_have_attribute("href", section)
    page.locator(".other-language").click()
    page.wait_for_url(re.compile(r"/book/ko/02-transposed-convolution\.html.*#[a-z-]+$"))
    assert opened.complaints == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_where_nothing_hovers_the_copy_button_lies_below_the_code(open_page, name):
    page = open_page(name, width=390, has_touch=True, is_mobile=True)
    gaps = page.evaluate("""[...document.querySelectorAll(".highlight:has(.copy)")].map(code => {
        const [pre, copy] = ["pre", ".copy"].map(part => code.querySelector(part)), text = document.createRange();
        text.selectNodeContents(pre);
        const [within, button] = [pre, copy].map(part => part.getBoundingClientRect());
        const end = Math.max(...[...text.getClientRects()].map(line => line.bottom));
        return Math.min(button.top - end, within.bottom - button.bottom);
    })""")
    assert len(gaps) > 10 and min(gaps) > 0


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_can_be_downloaded(open_page, served, name):
    page = open_page(name, served)
    with page.expect_download() as download:
        page.locator("header a[download]").click()
    assert download.value.suggested_filename == f"{name.rpartition('/')[2]}.ipynb"


def test_paper_shows_the_text_alone_and_what_was_folded(open_page):
    page = open_page("book/ko/02-transposed-convolution", color_scheme="dark")
    page.evaluate("window.print = () => { dispatchEvent(new Event('beforeprint')); window.printed = true; }")
    page.locator("[data-tool=print]").click()
    page.wait_for_function("window.printed")
    folded = page.locator("article details:not([data-aebook-widget] *, .drawn-by)")
    assert folded.count() == folded.and_(page.locator("[open]")).count() > 0
    page.emulate_media(media="print", color_scheme="dark")
    for part in ("header", "#menu", ".neighbours", ".copy >> nth=0"):
        expect(page.locator(part)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("main").bounding_box()["width"] > 1200


def test_paper_has_a_widgets_pictures_with_their_names_and_nothing_to_press(open_page):
    page = open_page("book/en/03-convolutional-autoencoder")
    wake(page)
    page.emulate_media(media="print")
    codes = page.locator(".aebook-codes")
    for shown in (".lane label", ".lane canvas"):
        expect(codes.locator(shown).first).to_be_visible()
    for gone in (".slider", "fieldset", "button", "input"):
        expect(codes.locator(gone).first).to_be_hidden()


def test_the_keyboard_comes_to_the_text_first_and_to_everything_that_scrolls(open_page):
    page = open_page("book/en/01-linear-autoencoder", **PHONE)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    wide = page.locator("pre, .table-frame, .drawing, div.math").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.tabIndex)"
    )
    assert set(wide) == {0}
