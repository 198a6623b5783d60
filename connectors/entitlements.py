"""Which groups or roles an account should hold at a target, from the target's settings.

``{"OPERATOR_DAFDUK": ["dafduk", "wilayah-{region}"], "*": ["siak"]}``: keys are roles of the office's catalogue, ``*``
stands for every role; values are templates.
"""

from collections.abc import Mapping, Sequence

from connectors.template import Template, TemplateText
from provisioner.connector import Profile

EVERY_ROLE = "*"
_REMEMBERED = 1024

EntitlementTemplates = dict[str, list[TemplateText]]
"""The type of such a setting."""


class EntitlementRules:
    """The rules of one target."""

    def __init__(self, templates: Mapping[str, Sequence[str]]) -> None:
        self._templates = {role: [Template(text) for text in texts] for role, texts in templates.items()}
        used = {name for each in self._templates.values() for template in each for name in template.fields}
        self._fields = ("role", *sorted(used - {"role"}))
        self._held: dict[tuple[str, ...], frozenset[str]] = {}

    def holds_for(self, profile: Profile) -> frozenset[str]:
        """The names for this profile. A role without a rule of its own gets only what every role gets."""
        values = profile.values()
        # Thousands of people share a few roles and regions, and everybody is asked about when a target is compared.
        key = tuple([values[name] for name in self._fields])
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= _REMEMBERED:
                self._held = {}
            held = self._held[key] = self._rendered(profile.role, values)
        return held

    def _rendered(self, role: str, values: Mapping[str, str]) -> frozenset[str]:
        wanted = [*self._templates.get(EVERY_ROLE, ()), *self._templates.get(role, ())]
        return frozenset(template.render(values) for template in wanted)
