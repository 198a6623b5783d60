"""Words of the office's files that stand on pages, in the two languages of the pages."""

from pydantic.dataclasses import dataclass

from provisioner.configuration import CLOSED, Line


@dataclass(frozen=True, config=CLOSED)
class Label:
    """One text in Bahasa Indonesia and, where the office has given it, in English."""

    id: Line
    en: Line | None = None

    def text(self, language: str) -> str:
        """The words in ``language``; Bahasa Indonesia where there are none in it."""
        return self.en if language == "en" and self.en else self.id
