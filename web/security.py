"""What a browser may do with our pages, and what we accept from it."""

import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from provisioner.settings import Settings
from web.area import Area, current_area
from web.form_cookie import FormCookies
from web.uploads import UploadsBusy, set_aside, setup_uploads

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
DRAIN_BYTES = 64_000_000
MAX_FORM_BYTES = 256_000
MAX_FORM_PARTS = 250

View = TypeVar("View", bound=Callable[..., object])


def setup_security(app: Flask, settings: Settings, secret_key: bytes) -> None:
    """Cookies, forms' tokens, limits, networks, headers."""
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="formulir",
        SESSION_COOKIE_SECURE=settings.web.cookies_are_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        # A form may lie open for a day; its token ends with the browser's session.
        WTF_CSRF_TIME_LIMIT=None,
        # Pages with secrets send no referrer, so none can be asked for; _from_our_pages asks the browser itself.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.session_interface = FormCookies()
    if settings.web.trusted_proxies:
        count = settings.web.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    # The order counts: nothing reads the form before the limits stand; tokens are looked for in forms that can be read.
    app.before_request(_from_allowed_network(settings))
    setup_uploads(app, max(settings.web.upload_memory_mib * 1_048_576, _largest_upload(settings)))
    app.before_request(_raise_limit_for_uploads(settings))
    app.before_request(_from_our_pages)
    app.before_request(_readable_text)
    CSRFProtect(app)
    app.after_request(_headers(settings))
    app.register_error_handler(RequestEntityTooLarge, _drained)
    app.register_error_handler(UploadsBusy, _drained)


def takes_files(view: View) -> View:
    """Mark a view whose form holds files: it may be larger."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def takes_one_file(largest: int) -> Callable[[View], View]:
    """Mark a view whose form holds a single file of at most so many bytes, whatever papers may have."""

    def mark(view: View) -> View:
        view.largest_file = largest  # type: ignore[attr-defined]
        return takes_files(view)

    return mark


def secret_page() -> None:
    """Call in a view that shows a code or password: the answer is not stored anywhere and names no referrer."""
    g.secret_page = True


def unlisted_page() -> None:
    """Call in a view about one paper: nobody stores the answer, no search engine lists it, it names no referrer."""
    g.secret_page = g.unlisted_page = True


def _from_allowed_network(settings: Settings) -> Callable[[], None]:
    networks = settings.web.networks

    def check() -> None:
        if request.blueprint is not None and not networks.allows(current_area().value, request.remote_addr or ""):
            abort(403)

    return check


def _raise_limit_for_uploads(settings: Settings) -> Callable[[], None]:
    usual = _largest_upload(settings)

    def check() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if request.method == "POST" and getattr(view, "takes_files", False):
            single = getattr(view, "largest_file", None)
            largest = usual if single is None else single + MAX_FORM_BYTES
            request.max_content_length = largest
            if (request.content_length or 0) <= largest:  # What is larger is refused before anything of it is held.
                set_aside(current_app, largest)

    return check


def _largest_upload(settings: Settings) -> int:
    """Bytes of the largest form with files."""
    return settings.attachments.max_file_mib * settings.attachments.max_files * 1_048_576 + MAX_FORM_BYTES


def _from_our_pages() -> None:
    """Browsers say where a form was sent from; another site's form is refused before its token is looked at."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get("Sec-Fetch-Site") in (
        "cross-site",
        "same-site",
    ):
        abort(400)


def _readable_text() -> None:
    """Refuse bytes that are not UTF-8, and control characters that no form of ours has."""
    texts = [request.path, *_pairs(request.args)]
    raw = [request.query_string]
    if request.method == "POST":
        if request.mimetype == "application/x-www-form-urlencoded":
            raw.append(request.get_data())  # Kept, so that the form is still parsed from it.
        texts += _pairs(request.form)
        texts += [upload.filename or "" for _, uploads in request.files.lists() for upload in uploads]
    if not all(_is_utf8(each) for each in raw) or any(_BROKEN.search(text) for text in texts):
        abort(400)


_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
"""Control characters except tab and line breaks, and the sign that stands for bytes which were not UTF-8."""


def _pairs(values: MultiDict[str, str]) -> list[str]:
    return [text for name, value in values.items(multi=True) for text in (name, value)]


def _is_utf8(encoded: bytes) -> bool:
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


def _headers(settings: Settings) -> Callable[[Response], Response]:
    def add(response: Response) -> Response:
        headers = response.headers
        secret = bool(g.get("secret_page"))
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer" if secret else "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        if g.get("unlisted_page"):
            headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        if settings.web.cookies_are_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint == "static":
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif secret or current_area() is not Area.PUBLIC:
            headers["Cache-Control"] = "no-store"
        else:
            headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return add


def drain() -> None:
    """Read what is still coming (within reason) before answering, or the browser shows a broken line, not our page."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, DRAIN_BYTES)
    while left > 0 and (chunk := stream.read(min(left, 65_536))):
        left -= len(chunk)


def _drained(error: HTTPException) -> Response:
    from web.fault_pages import http_fault

    drain()
    return http_fault(error)
