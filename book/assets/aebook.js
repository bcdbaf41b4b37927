/* What a page does beyond being read. Without this script it is whole: contents, links, formulas and folded parts
   need none. The words are in the page (aebook_words.py). */
import { copy, h } from "../../src/aebook/widgets/lib/dom.js";

(() => {
  const root = document.documentElement;
  const article = document.querySelector("article");
  const tool = (name) => document.querySelector(`[data-tool="${name}"]`);

  /** The button that goes from the system's colours to light to dark, kept for every page. */
  function offerThemes(button) {
    const themes = ["auto", "light", "dark"];
    const show = (theme) => {
      root.dataset.theme = theme;
      button.title = button.dataset[theme];
      button.setAttribute("aria-label", button.dataset[theme]);
    };
    show(themes.includes(root.dataset.theme) ? root.dataset.theme : "auto");
    button.addEventListener("click", () => {
      const theme = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
      show(theme);
      try {
        localStorage.theme = theme;
      } catch {
        // The browser keeps nothing for this site: the choice holds for this page.
      }
    });
    button.hidden = false;
  }

  /** Printing is for the whole page: folded parts are unfolded for that long, but for code that only draws. */
  function offerPrint(button) {
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll("details:not([open], .drawn-by)")];
      for (const details of folded) details.open = true;
    });
    addEventListener("afterprint", () => {
      for (const details of folded) details.open = false;
    });
    button.addEventListener("click", () => print());
    button.hidden = false;
  }

  /** A button at each piece of code that one might want to run; not at what code printed. */
  function offerCopies() {
    for (const code of article.querySelectorAll(".highlight")) {
      if (code.closest(".cell_output")) continue;
      const button = h("button", { type: "button", class: "copy", "aria-live": "polite" }, article.dataset.copy);
      button.addEventListener("click", async () => {
        const pre = code.querySelector("pre");
        const copied = await copy(pre.innerText.trimEnd());
        if (!copied) getSelection().selectAllChildren(pre);
        button.textContent = copied ? article.dataset.copied : article.dataset.refused;
        button.classList.add("done");
        setTimeout(() => {
          button.textContent = article.dataset.copy;
          button.classList.remove("done");
        }, 2000);
      });
      code.append(button);
    }
  }

  const sections = [...article.querySelectorAll("section[id], .glossary > dt[id]")].filter(
    (one) => !one.closest("[data-aebook-widget]"),
  );

  /** The id that the address names; none where it is malformed, as #100% is. */
  function namedId() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  }

  /**
   * The section being read: that in the address while its heading is in sight, else the last begun at the top; at
   * the page's end the last of all, which may be too short ever to begin there.
   */
  function sectionInView() {
    const topOf = (section) => section.getBoundingClientRect().top;
    const id = namedId();
    const named = sections.find((section) => section.id === id);
    if (named && topOf(named) >= 0 && topOf(named) < innerHeight) return named;
    if (scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 1) return sections.at(-1);
    const line = parseFloat(getComputedStyle(root).scrollPaddingTop) + 8; // where a section comes to stand
    return sections.findLast((section) => topOf(section) < line);
  }

  /** The link to the other language leads to the section being read; its anchor is the same there. */
  function followSection(link) {
    const page = link.getAttribute("href");
    link.addEventListener("click", () => {
      const section = sectionInView();
      const first = !section || section === sections[0];
      link.href = `${page}${location.search}${first ? "" : `#${section.id}`}`;
    });
  }

  /** Marks the section being read in the page's contents. */
  function markSection(contents) {
    const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
    const mark = () => {
      const current = links.get(sectionInView()?.id) ?? links.get("");
      for (const link of links.values()) link.toggleAttribute("aria-current", link === current);
      current?.setAttribute("aria-current", "location");
      if (!current || contents.scrollHeight <= contents.clientHeight) return;
      const list = contents.getBoundingClientRect(), link = current.getBoundingClientRect();
      const outside = link.top < list.top || link.bottom > list.bottom - 80; // the room for the footer
      if (outside) contents.scrollTop += link.top - list.top - list.height / 2;
    };
    let due;
    const scrolled = () => {
      due ??= requestAnimationFrame(() => {
        due = undefined;
        mark();
      });
    };
    addEventListener("scroll", scrolled, { passive: true });
    mark();
  }

  /** What is wider than its frame can be reached by the keyboard, to scroll it. */
  function reachScrollers() {
    const frames = article.querySelectorAll("pre, .table-frame, .drawing, div.math");
    const check = () => {
      for (const frame of frames) {
        if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
        else frame.removeAttribute("tabindex");
      }
    };
    let width = 0; // of the article; its height a widget changes many times a second, and nothing comes of it
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width !== width) check();
      width = contentRect.width;
    }).observe(article);
    article.addEventListener("toggle", check, true); // what was folded may scroll
  }

  const menu = document.getElementById("menu");
  menu?.addEventListener("click", (event) => {
    if (event.target.closest("a") && menu.matches(":popover-open")) menu.hidePopover();
  });
  const when = (element, act) => element && act(element);
  when(tool("theme"), offerThemes);
  when(tool("print"), offerPrint);
  when(document.querySelector(".other-language"), followSection);
  when(document.querySelector(".page-contents"), markSection);
  offerCopies();
  reachScrollers();
})();
