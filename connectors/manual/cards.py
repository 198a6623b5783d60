"""What stands on a card: the action, and the fields in the order of that system's screen."""

from collections.abc import Mapping, Sequence

from connectors.manual.settings import SCREEN_FIELDS, ManualSettings
from connectors.template import Template
from provisioner.connector import Changes, Profile


class Screen:
    """The other system's screen, as the settings describe it."""

    def __init__(self, settings: ManualSettings) -> None:
        self._fields = [(label, Template(text, SCREEN_FIELDS)) for label, text in settings.fields]
        self._field_of = {label: template.sole_field for label, template in self._fields}

    def filled(self, username: str, profile: Profile) -> Sequence[tuple[str, str]]:
        """Every field with its value."""
        return self.filled_as_known(username, profile.values())

    def filled_as_known(self, username: str, known: Mapping[str, str]) -> Sequence[tuple[str, str]]:
        """The fields whose values are known, by the name of the profile field; the others are left out."""
        values = {**known, "username": username}
        return tuple(
            (label, template.render(values)) for label, template in self._fields if template.fields <= values.keys()
        )

    def read_back(self, noted: Mapping[str, str]) -> dict[str, str]:
        """What a person noted, label by label, as profile fields. Profile fields noted under their own name stay."""
        named = {self._field_of.get(label, label): value for label, value in noted.items()}
        return {name: value for name, value in named.items() if name is not None and name != "username"}

    def single_fields(self) -> Sequence[tuple[str, str]]:
        """(profile field or ``username``, label) of every field that shows that one value and nothing else."""
        return tuple((name, label) for label, name in self._field_of.items() if name is not None)

    def composed_labels(self) -> Sequence[str]:
        """Labels of the other fields."""
        return tuple(label for label, name in self._field_of.items() if name is None)


def action_for(changes: Changes) -> str:
    """The one word above the card; the strictest change gives it."""
    if changes.enabled is False:
        return "suspend"
    if changes.must_change:
        return "reset"
    if changes.enabled:
        return "resume"
    return "update"
