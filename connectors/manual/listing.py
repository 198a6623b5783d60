"""What is understood of that system's own list of its users."""

from collections.abc import Sequence

from connectors.manual.cards import Screen
from connectors.manual.settings import ManualSettings
from provisioner.connector import ListColumn


class Listing:
    """Columns are known by the labels of the system's screen, and by what the settings add."""

    def __init__(self, settings: ManualSettings, screen: Screen) -> None:
        self._settings = settings
        self._screen = screen
        self._enabled = {word.casefold() for word in settings.list_enabled}
        self._disabled = {word.casefold() for word in settings.list_disabled}

    def columns(self) -> Sequence[ListColumn]:
        """User name, status, and every field of the screen that shows one value."""
        single = dict(reversed(self._screen.single_fields()))
        named = single.pop("username", "Username")
        return (
            ListColumn("username", (named, *self._settings.list_username), named),
            ListColumn("status", tuple(self._settings.list_status)),
            *(ListColumn(name, (label,), label) for name, label in single.items()),
        )

    def ignored(self) -> Sequence[str]:
        """A field put together from several cannot be compared."""
        return (*self._settings.list_ignored, *self._screen.composed_labels())

    def means_enabled(self, status: str) -> bool | None:
        """None: the settings do not know the word."""
        word = status.casefold()
        return True if word in self._enabled else False if word in self._disabled else None
