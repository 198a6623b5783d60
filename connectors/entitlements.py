"""Which groups or roles an account should hold at a target, from the target's settings.

``{"OPERATOR_DAFDUK": ["dafduk", "wilayah-{region}"], "*": ["siak"]}``: keys are roles of the office's catalogue, ``*``
stands for every role; values are templates.
"""

from collections.abc import Mapping, Sequence

from connectors.template import Template, TemplateText
from provisioner.connector import Profile

EVERY_ROLE = "*"

EntitlementTemplates = dict[str, list[TemplateText]]
"""The type of such a setting."""


class EntitlementRules:
    """The rules of one target."""

    def __init__(self, templates: Mapping[str, Sequence[str]]) -> None:
        self._templates = {role: [Template(text) for text in texts] for role, texts in templates.items()}

    def holds_for(self, profile: Profile) -> frozenset[str]:
        """The names for this profile. A role without a rule of its own gets only what every role gets."""
        values = profile.values()
        wanted = [*self._templates.get(EVERY_ROLE, ()), *self._templates.get(profile.role, ())]
        return frozenset(template.render(values) for template in wanted)
