"""The register book of a year as a paper: landscape, the head of the table on every page, void lines struck through."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

import pikepdf

from provisioner.documents.letterhead import letterhead
from provisioner.documents.renderer import Renderer
from provisioner.documents.words import long_date, long_moment
from provisioner.office import Office
from provisioner.workbook import Row

TEMPLATE = "buku-agenda"
_LINES_AT_ONCE = 200
"""What is set at once is held at once, some parts over: so many take about 300 MB, whatever the book's length."""


@dataclass(frozen=True)
class BookFacts:
    """What stands around the lines. ``widths``: of the columns, as shares of the page."""

    title: str
    year: int
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    printed_at: datetime
    audit_head: str
    """Where the audit trail ended when this was printed, in the short form."""


class RegisterBookPapers:
    """Register books of one office. Pure; may be used by several threads."""

    def __init__(self, renderer: Renderer, office: Office) -> None:
        self._renderer = renderer
        self._office = office

    def render(self, facts: BookFacts, lines: Iterable[Row]) -> bytes:
        """The book as one PDF, its pages numbered through, the same bytes for the same facts and lines.

        It is made part by part, because a table of ten thousand lines would take more than a gigabyte of memory.

        :raises ConfigurationError: the template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        rest = iter(lines)
        out = io.BytesIO()
        # The first part's own description (PDF/A, title, colours) becomes that of the whole.
        with pikepdf.open(io.BytesIO(self._part(facts, list(islice(rest, _LINES_AT_ONCE)), 0))) as whole:
            while part := list(islice(rest, _LINES_AT_ONCE)):
                with pikepdf.open(io.BytesIO(self._part(facts, part, len(whole.pages)))) as more:
                    whole.pages.extend(more.pages)
            whole.save(out, deterministic_id=True)
        return out.getvalue()

    def _part(self, facts: BookFacts, lines: Sequence[Row], pages_before: int) -> bytes:
        book = {
            "title": facts.title,
            "year": str(facts.year),
            "columns": list(facts.columns),
            "widths": list(facts.widths),
            "printed_at": long_moment(facts.printed_at, self._office),
            "audit_head": facts.audit_head,
            "pages_before": pages_before,
            "lines": [{"void": line.struck, "cells": [_text(cell) for cell in line.cells]} for line in lines],
        }
        data = {"office": letterhead(self._office, self._renderer), "book": book}
        # Without tags: those of joined parts would not hang together. The page and the other files are accessible.
        return self._renderer.render(TEMPLATE, data, facts.printed_at, tagged=False)


def _text(value: object) -> str:
    if value is None:
        return ""
    return long_date(value) if isinstance(value, date) else str(value)
