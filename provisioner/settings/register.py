"""Section about the register book of letters."""

from typing import Literal

from provisioner.settings.section import Section


class RegisterSettings(Section):
    """The register book (Buku Agenda) and its numbers. The patterns of the numbers stand in ``office.toml``."""

    numbers: Literal["ours", "typed"] = "ours"
    """Whose numbers letters get: ``ours``, counted here without gaps, or ``typed``: the secretary types the number of
    the office's own book. Change it at the turn of a year."""

    at: Literal["submission", "secretary"] = "submission"
    """When a letter from the public form gets its number: at its ``submission``, by itself, or when the ``secretary``
    registers it. It never holds a letter up. With typed numbers it is always the secretary."""

    @property
    def by_itself(self) -> bool:
        """Whether a letter gets its number without anybody doing anything."""
        return self.numbers == "ours" and self.at == "submission"
