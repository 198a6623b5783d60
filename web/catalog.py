"""Languages: source strings are Indonesian, other languages come from catalogs.

A language has a folder of ``.po`` files, one for each subject, merged when the program starts: people who work on
different subjects do not meet in one file, and no compiled file has to be kept in step.
"""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask_babel
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_locale, lazy_gettext

DEFAULT = "id"
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
COOKIE = "bahasa"
FOLDER = Path(__file__).parent / "translations"

later = lazy_gettext
"""For texts in tables that are made before anybody's language is known."""


def gettext(text: str, **places: object) -> str:
    """``text`` in the reader's language, its places (``%(name)s``) filled."""
    return str(flask_babel.gettext(text, **places))


def ngettext(one: str, many: str, num: int, **places: object) -> str:
    """The same where a language tells one from many; ``num`` is a place of its own."""
    return str(flask_babel.ngettext(one, many, num, **places))


def read_catalogs(language: str, folder: Path = FOLDER) -> Iterator[tuple[Path, Catalog]]:
    """Each file of a language, in the order of their names."""
    for file in sorted((folder / language).glob("*.po")):
        with file.open("rb") as opened:
            yield file, read_po(opened, locale=language)


def merged(language: str) -> Catalog:
    """All files of a language as one catalog. Fuzzy entries are left out."""
    whole = Catalog(locale=language)
    for _, part in read_catalogs(language):
        for message in part:
            if message.id and not message.fuzzy:
                whole.add(message.id, message.string)
    return whole


@cache
def translations(language: str) -> NullTranslations:
    """A language as Flask-Babel wants it. Read when somebody first asks for it: it takes a quarter of a second."""
    if language == DEFAULT:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, merged(language))
    compiled.seek(0)
    return Translations(compiled)


class MergedDomain(Domain):  # type: ignore[misc]  # Flask-Babel has no types for it.
    """Gives Flask-Babel the merged catalogs."""

    def get_translations(self) -> NullTranslations:
        language = current_language()
        return translations(language if language in LANGUAGES else DEFAULT)


class MergedBabel(Babel):  # type: ignore[misc]  # Flask-Babel has no types for it.
    """Flask-Babel with our way of keeping catalogs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._domain = MergedDomain()
        super().__init__(*args, **kwargs)

    @property
    def domain_instance(self) -> Domain:
        return self._domain


def current_language() -> str:
    """``id`` or ``en``."""
    locale = get_locale()
    return str(locale.language) if locale else DEFAULT


def setup_languages(app: Flask, timezone: str) -> None:
    """Choose the language by ``?lang=``, then the cookie, then Indonesian; remember a choice for a year."""

    def chosen() -> str:
        for wish in (request.args.get("lang", ""), request.cookies.get(COOKIE, "")):
            if wish in LANGUAGES:
                return wish
        return DEFAULT

    def remember(response: Response) -> Response:
        wish = request.args.get("lang", "")
        if wish in LANGUAGES and wish != request.cookies.get(COOKIE):
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            response.set_cookie(COOKIE, wish, max_age=365 * 86400, secure=secure, httponly=True, samesite="Lax")
        return response

    MergedBabel(app, default_locale=DEFAULT, default_timezone=timezone, locale_selector=chosen)
    app.after_request(remember)
    app.context_processor(lambda: {"language": current_language(), "languages": _switch()})


def _switch() -> list[tuple[str, str, str, bool]]:
    """The choice at the foot of a page. A page that answers a form has none: following it would lose the answer."""
    if request.method not in ("GET", "HEAD") or g.get("secret_page"):
        return []
    now = current_language()
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return [(code, name, _address(rest, code), code == now) for code, name in LANGUAGES.items()]


def _address(query: list[tuple[str, str]], language: str) -> str:
    return f"{request.script_root}{request.path}?{urlencode([*query, ('lang', language)])}"
