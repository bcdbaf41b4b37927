"""Runs axe-core, which looks for what would keep somebody from using a page, on a page that is open."""

from importlib.resources import files

# The file alone: the package that brings it has functions of its own, which cannot say where to look.
SOURCE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# Told that violations alone are wanted, it says less of what passes, and needs up to a third less time.
RUN = """(part, values) =>
    axe.run(part, { runOnly: { type: "tag", values }, resultTypes: ["violations"] })"""
# Two thirds of its time would go into how each text stands out from its ground. But texts of one look, within the
# same kinds of elements, do so alike: it is asked of the first of each kind. What is laid over other things, whose
# ground may be anything, is a kind of its own.
MARK = """part => {
    const grounds = ["backgroundColor", "backgroundImage"];
    const looks = ["color", "opacity", "fontSize", "fontWeight", "textShadow", ...grounds];
    const names = ["class", "type", "role", "disabled", "aria-disabled"];
    const kinds = new Map([[null, ""]]), seen = new Set();
    const kind = element => {
        if (!kinds.has(element)) {
            const style = getComputedStyle(element);
            const laidOver = ["absolute", "fixed", "sticky"].includes(style.position) ? kinds.size : "";
            const own = names.map(name => element.getAttribute(name));
            const all = [element.localName, ...own, ...looks.map(name => style[name]), laidOver];
            kinds.set(element, kind(element.parentElement) + "/" + all);
        }
        return kinds.get(element);
    };
    for (const element of part.querySelectorAll("*")) {
        const shown = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!shown && !element.matches("input, select, textarea")) continue;
        if (!element.checkVisibility({ visibilityProperty: true })) continue; // in its place axe looks at nothing
        element.toggleAttribute("data-first-of-its-kind", !seen.has(kind(element)));
        seen.add(kind(element));
    }
    axe.configure({ rules: [{ id: "color-contrast", selector: "[data-first-of-its-kind]" }] });
}"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(part):
    """What axe finds in a part of a page (a locator), a line for each element; WCAG 2.2 to AA, and good practice.

    Raises:
        AssertionError: axe found nothing there to check.
    """
    if not part.page.evaluate("typeof axe === 'object'"):
        part.page.evaluate(SOURCE)
    part.evaluate(MARK)
    found = part.evaluate(RUN, TAGS)
    assert found["passes"], f"axe found nothing to check in {part}"
    return [line(rule, node) for rule in found["violations"] for node in rule["nodes"]]


def line(rule, node):
    """One element's violation of a rule, with what axe says of it."""
    said = "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
    return f"{rule['id']} ({node['impact']}): {node['html'][:120]} at {node['target'][-1]}: {said or rule['help']}"
