"""A finger on the screen: touch events as a phone sends them."""

import time


def swipe(page, start, way, steps=10):
    """Puts a finger down at a place (x, y) of the window, moves it that way (x, y), rests it there and lifts it.

    It rests because a finger that is lifted in motion flings, and the browser takes the next tap for its end.
    """
    line = page.context.new_cdp_session(page)
    began = time.time() - 1  # the finger has moved for half a second and rested for as long
    for step in range(steps + 2):
        part = min(step / steps, 1)
        point = {axis: begin + far * part for axis, begin, far in zip("xy", start, way, strict=True)}
        at = began + (0.5 * part if step <= steps else 0.95)
        kind = "touchMove" if step else "touchStart"
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point], "timestamp": at})
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": [], "timestamp": began + 1})
    line.detach()
