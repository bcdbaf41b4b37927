"""What goes wrong on a page while it is open."""


def listen(page, complaints):
    """Collects errors of the console and of scripts, failed requests and requests that leave the disk."""

    def check_request(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            complaints.append(f"asks the network for {request.url}")

    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"did not load {request.url}"))
    page.on("request", check_request)
