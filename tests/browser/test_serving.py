"""What the other browser tests stand on: a page has its own address and nothing else, and says what it missed."""

import pytest
from complaints import listen
from serving import only_from, serving


@pytest.mark.parametrize("over", ["file", "http"])
def test_a_page_gets_nothing_from_elsewhere_and_the_attempt_is_told(browser, tmp_path, over):
    (tmp_path / "own.js").write_text("window.own = true", encoding="utf-8")
    with serving(tmp_path) as address, serving(tmp_path) as elsewhere:
        scripts = f'<script src="own.js"></script><script src="{elsewhere}/own.js?else"></script>'
        (tmp_path / "page.html").write_text(f"<!doctype html>{scripts}", encoding="utf-8")
        complaints, context = [], browser.new_context()
        base = {"file": tmp_path.as_uri(), "http": address}[over]
        only_from(context, base)
        page = context.new_page()
        listen(page, complaints, base)
        page.goto(f"{base}/page.html")
        assert page.evaluate("window.own")
        context.close()
    assert f"asks for {elsewhere}/own.js?else, which is not at {base}" in complaints
    assert f"did not load {elsewhere}/own.js?else" in complaints
