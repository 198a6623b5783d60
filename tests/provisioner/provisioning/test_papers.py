"""The papers of the SOP: made once, kept with their bytes, made anew when what they tell has changed."""

from pathlib import Path

import pytest

from provisioner.errors import WrongState
from provisioner.paper import PaperKind
from tests.office import RealOffice
from tests.provisioner.documents.poppler import text_of


def test_a_paper_is_made_once_and_kept_with_its_bytes(office: RealOffice, tmp_path: Path) -> None:
    letter = office.letter(office.new("sent")).id
    paper = office.core.papers.make(PaperKind.REQUEST_LETTER, letter)
    again = office.core.papers.make(PaperKind.REQUEST_LETTER, letter)
    assert again == paper
    assert (paper.revision, paper.replaced) == (1, False)
    _, document = office.core.papers.read(office.actor("section_head"), paper.id)
    assert len(document) == paper.length
    assert "800/112" in text_of(document, tmp_path)


def test_what_was_not_sent_yet_is_no_paper(office: RealOffice) -> None:
    with pytest.raises(WrongState, match="not sent yet"):
        office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(office.new("draft")).id)
