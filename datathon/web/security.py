"""Headers that tell browsers what a page may do, on every answer."""

from http import HTTPStatus

from flask import Flask, Response, g, request

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def init(app: Flask, *, https: bool) -> None:
    """Send the headers with every answer; a view may set a stricter value itself."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if carried := g.get("carried_style"):
            response.headers["Content-Security-Policy"] += f"; style-src 'self' {carried}"
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            # The page that the browser kept stands with the policy that it came with.
            del response.headers["Content-Security-Policy"]
        if "frame-ancestors *" in response.headers.get("Content-Security-Policy", ""):
            del response.headers["X-Frame-Options"]  # the older header knows no exception
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if not request.path.startswith("/static/"):
            # Pages differ by who is signed in and by language: nobody in between may keep one for another person.
            response.headers.setdefault("Cache-Control", "private, no-cache")
            response.vary.update(("Cookie", "Accept-Language"))
        return response
