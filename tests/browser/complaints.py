"""What goes wrong on a page while it is open."""


def listen(page, complaints, address="file:"):
    """Collects errors of the console and of scripts, failed requests and requests to elsewhere."""

    def check_end(request):
        # A picture that is on its way when the page is left is given up, which is no fault of the page.
        if (request.resource_type, request.failure) != ("image", "net::ERR_ABORTED"):
            complaints.append(f"did not load {request.url}")

    def check_request(request):
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(f"asks for {request.url}, which is not at {address}")

    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", check_end)
    page.on("request", check_request)
