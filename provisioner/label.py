"""Words of the office's files that stand on pages, in the two languages of the pages."""

from pydantic.dataclasses import dataclass

from provisioner.configuration import CLOSED, Line


@dataclass(frozen=True, config=CLOSED)
class Label:
    """One text in Bahasa Indonesia and in English."""

    id: Line
    en: Line

    def text(self, language: str) -> str:
        """The words in ``language`` (``id`` or ``en``); Bahasa Indonesia for every other language."""
        return self.en if language == "en" else self.id
