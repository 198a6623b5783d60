"""A browser's own description of itself in a few words: enough for somebody to know their own devices."""

from web.catalog import gettext

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""The first word that occurs counts: browsers name their ancestors after themselves."""


def device_text(agent: str) -> str:
    """ "Chrome di Android"; what is not known is called so."""
    browser = next((name for word, name in _BROWSERS if word in agent), gettext("Peramban lain"))
    system = next((name for word, name in _SYSTEMS if word in agent), "")
    return gettext("%(browser)s di %(system)s", browser=browser, system=system) if system else browser
