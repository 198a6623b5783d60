"""Every text of the pages that has to be translated, taken from the source as Babel does."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

WEB = Path(__file__).parents[2] / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "encoding": "utf-8"}}
KEYWORDS = {"_": None, "gettext": None, "later": None, "ngettext": (1, 2)}

MessageId = str | tuple[str, ...]


def messages() -> Iterator[tuple[str, MessageId]]:
    """(place, message) of every text."""
    found = extract_from_dir(str(WEB), METHODS, OPTIONS, keywords=KEYWORDS)
    for file, line, message, _, _ in found:
        yield f"web/{file}:{line}", tuple(message) if isinstance(message, (list, tuple)) else message
