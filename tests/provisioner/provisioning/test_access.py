"""Who may look at what: the table of docs/office.md, held by the core for every post."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from provisioner.actor import Actor
from provisioner.audit import Filters
from provisioner.errors import InvalidInput, NotAllowed, NotFound
from provisioner.paper import PaperKind
from provisioner.provisioning import access
from provisioner.provisioning.case_samples import Draw
from provisioner.provisioning.register_book import Direction
from tests.office import POSTS, Applicant, RealOffice, person
from tests.pdf_pages import one_page

PAGE = Path(__file__).parents[3] / "docs" / "office.md"
COLUMNS = ("Kadis", "Kabid", "Kasi", "ADB", "TI", "Auditor", "Sekretaris")
LOOK = Callable[[RealOffice, Actor, Applicant], object]


def letters_scan(office: RealOffice, actor: Actor, who: Applicant) -> object:
    return office.core.attachments.read(actor, paper(office, who, "letter"))


def bio(office: RealOffice, actor: Actor, who: Applicant) -> object:
    """The form and the papers go together, and the page of a request shows neither to others."""
    view = office.core.reading.request(actor, who.request_id)
    assert view.bio_shown is not view.bio.empty
    assert ("id-card" in [each.kind for each in view.papers]) is view.bio_shown
    return office.core.attachments.read(actor, paper(office, who, "id-card"))


def account(office: RealOffice, actor: Actor, who: Applicant) -> object:
    office.core.accounts.search(actor)
    return office.core.accounts.detail(actor, office.request(who).account_id or "")


def register(office: RealOffice, actor: Actor, _: Applicant) -> object:
    letter = {"number": "9", "letter_date": "2026-06-05", "sender": "Kelurahan"}
    return office.core.registering.register(actor, letter)


def since_yesterday(office: RealOffice, actor: Actor, _: Applicant) -> object:
    return office.core.official_views.decisions(actor, "head", office.clock() - timedelta(days=1))


def taken_along(office: RealOffice, actor: Actor, _: Applicant) -> object:
    """What only an inspector does: refused one by one, or allowed all of it."""
    day, may = office.core.context.today(), []
    acts: list[Callable[[], object]] = [
        lambda: office.core.accounts_on_day.take_out(actor, day),
        lambda: office.core.deviations.take_out(actor, day, day),
        lambda: office.core.staff_matching.compare(actor, day, "1"),
        lambda: office.core.case_samples.draw(actor, Draw(day, day, 1, "x")),
    ]
    for act in acts:
        try:
            may.append(act())
        except NotAllowed as refusal:
            refused = refusal
    assert len(may) in (0, len(acts))
    if not may:
        raise refused
    return may


def case_file(office: RealOffice, actor: Actor, who: Applicant) -> object:
    office.core.case_files.years(actor)
    return office.core.case_files.zip(actor, [who.request_id])


def proposes(office: RealOffice, actor: Actor, _: Applicant) -> object:
    """Nothing is due: whoever may propose hears that."""
    with pytest.raises((InvalidInput, NotAllowed)) as refused:
        office.core.destructions.propose(actor, [], "Persetujuan 1", everything="")
    if isinstance(refused.value, NotAllowed):
        raise refused.value
    return refused


def approves(office: RealOffice, actor: Actor, _: Applicant) -> object:
    """There is no such proposal: whoever may approve hears that."""
    with pytest.raises((NotFound, NotAllowed)) as refused:
        office.core.destructions.approve(actor, "0" * 32, "", "")
    if isinstance(refused.value, NotAllowed):
        raise refused.value
    return refused


ROWS: list[LOOK] = [
    lambda office, actor, who: (
        office.core.request_search.find(actor),
        office.core.reading.request(actor, who.request_id),
    ),
    lambda office, actor, who: office.core.reading.letter(actor, office.letter(who).id),
    letters_scan,
    bio,
    bio,
    lambda office, actor, who: office.core.reading.reveal_nik(actor, who.request_id),
    lambda office, actor, who: office.core.papers.show(actor, PaperKind.ANSWER, who.request_id),
    lambda office, actor, who: office.core.papers.show(actor, PaperKind.BIO_FORM, who.request_id),
    lambda office, actor, who: office.core.papers.show(actor, PaperKind.HANDOVER_RECEIPT, who.request_id),
    lambda office, actor, who: office.core.pacts.document(actor, office.pact(who).id),
    account,
    lambda office, actor, _: office.core.queue.waiting(actor),
    lambda office, actor, _: office.core.cards.undone(actor),
    lambda office, actor, _: office.core.enrolment.waiting(actor),
    register,
    lambda office, actor, _: office.core.register.page(actor, Direction.INCOMING),
    lambda office, actor, _: office.core.trail_reading.search(actor, Filters()),
    lambda office, actor, _: office.core.trail_reading.export(actor),
    since_yesterday,
    lambda office, actor, _: (
        office.core.accounts_on_day.page(actor, office.core.context.today()),
        office.core.deviations.look(actor, office.core.context.today(), office.core.context.today()),
    ),
    taken_along,
    case_file,
    lambda office, actor, who: office.core.boxes.file(actor, who.request_id, "A-01"),
    lambda office, actor, _: (office.core.retention.page(actor), office.core.destructions.page(actor)),
    proposes,
    approves,
    lambda office, actor, _: office.core.month.kept(actor),
]
"""In the order of the rows of the page."""
AT_COUNTER = 4


def paper(office: RealOffice, who: Applicant, kind: str) -> str:
    (found,) = [each.id for each in office.core.attachments.of_request(who.request_id) if each.kind == kind]
    return found


def table() -> list[dict[str, bool]]:
    """The rows of the page: for every column, whether it says yes."""
    part = PAGE.read_text(encoding="utf-8").split("## Siapa melihat apa")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"(?m)^\|.*\|$", part)]
    assert rows[0] == ["", *COLUMNS]
    return [dict(zip(POSTS, (cell == "ya" for cell in row[1:]), strict=True)) for row in rows[2:]]


def someone_with_an_account(office: RealOffice) -> Applicant:
    who = office.draft(person(0))
    for kind in ("letter", "id-card"):
        office.core.attachments.add(who.request_id, kind, [("kertas.pdf", one_page())])
    return office.bring(who, "done")


def someone_at_the_counter(office: RealOffice) -> Applicant:
    secretary = office.actor("secretary")
    letter_id = office.core.registering.register(
        secretary, {"number": "7", "letter_date": "2026-06-05", "sender": "Kelurahan"}
    )
    (line,) = office.core.reading.letter(secretary, letter_id).requests
    who = Applicant(line.id, "", "", "", person(1))
    for kind in ("letter", "id-card"):
        office.core.attachments.add(who.request_id, kind, [("kertas.pdf", one_page())], secretary)
    office.core.drafting.save_bio(who.request_id, office.request(who).revision, person(1), secretary)
    office.core.drafting.submit(who.request_id, secretary)
    return who


def may(look: LOOK, office: RealOffice, post: str, who: Applicant) -> bool:
    try:
        look(office, office.actor(post), who)
    except NotAllowed as refusal:
        assert refusal.code == "not-your-post"
        return False
    return True


def test_the_core_shows_every_post_what_the_page_says_and_refuses_the_rest(office: RealOffice) -> None:
    rows = table()
    public, counter = someone_with_an_account(office), someone_at_the_counter(office)
    assert len(rows) == len(ROWS)
    for number, (look, allowed) in enumerate(zip(ROWS, rows, strict=True)):
        who = counter if number == AT_COUNTER else public
        assert {post: may(look, office, post, who) for post in POSTS} == allowed, f"row {number + 1}"


@pytest.mark.parametrize("post", POSTS)
def test_a_request_is_found_by_its_nik_by_those_who_read_letters(office: RealOffice, post: str) -> None:
    office.new("sent")
    for number in (person(0)["nik"], person(0)["staff_number"]):
        _, total = office.core.request_search.find(office.actor(post), text=number)
        assert bool(total) is (post in access.SCANS)


def test_it_sees_neither_papers_nor_bio_data_on_any_page(office: RealOffice) -> None:
    who, it = someone_at_the_counter(office), office.actor("it")
    view = office.core.reading.request(it, who.request_id)
    assert (view.bio.typed, view.papers, view.letter.papers) == ({}, (), ())
    assert person(1)["mail"] not in repr(view)


def test_somebody_who_stands_in_sees_what_the_post_sees(office: RealOffice) -> None:
    who, day = office.new("review"), office.core.context.today()
    assert not office.core.reading.request(office.actor("secretary"), who.request_id).bio_shown
    office.core.mandates.add("secretary", "division_head", "PLH", ("800/9", day), (day, day), office.actor("it"))
    assert office.core.reading.request(office.actor("secretary"), who.request_id).bio_shown
