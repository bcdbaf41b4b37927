"""A folder over http, on this machine alone."""

import re
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, with headers of ours, and says nothing of it."""

    def __init__(self, *arguments, headers, **options):
        self.own_headers = headers
        super().__init__(*arguments, **options)

    def end_headers(self):
        """Adds our headers to each answer."""
        for header in self.own_headers.items():
            self.send_header(*header)
        super().end_headers()

    def log_message(self, *arguments):
        """A request that fails is a complaint of the page; there is no need of a log."""


@contextmanager
def serving(folder, headers=None):
    """The address at which the folder can be read for as long as the context lasts."""
    handler = partial(Quiet, directory=folder, headers=headers or {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def only_from(context, address):
    """Lets the pages of a browser context load what lies below that address and nothing else."""
    own = "|".join(map(re.escape, (address, "data:", "blob:", "about:")))
    # A pattern the driver applies by itself; a function it would have to ask about every request.
    context.route(re.compile(f"^(?!{own})"), lambda route: route.abort())
