"""A finger on the screen: touch events as a phone sends them."""


def swipe(page, start, way, steps=10):
    """Puts a finger down at a place (x, y) of the window, moves it that way (x, y) and lifts it."""
    line = page.context.new_cdp_session(page)
    for step in range(steps + 1):
        x, y = (begin + far * step / steps for begin, far in zip(start, way, strict=True))
        kind = "touchMove" if step else "touchStart"
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    line.detach()
