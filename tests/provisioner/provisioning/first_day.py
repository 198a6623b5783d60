"""An office on its first day: accounts that the system has already, and people who come to sign for them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from provisioner.provisioning.recorded_views import RecordedLine
from provisioner.provisioning.recording import Kept
from provisioner.store.tables import RecordedAccountRow, RequestRow
from tests.office import Applicant, RealOffice, person

HEADER = "Nama pengguna;Nama;NIK;Unit kerja;Peran;Wilayah;Nomor HP"


def row(username: str, number: int = 0, **changes: str) -> str:
    """A right row about :func:`tests.office.person` ``number``."""
    bio = {**person(number), **changes}
    cells = ("full_name", "nik", "org_unit", "role", "region_scope", "phone")
    return ";".join([username, *(bio[cell] for cell in cells)])


def listing(*rows: str) -> str:
    """A list with titles."""
    return "\n".join([HEADER, *rows])


class FirstDay:
    """What officials and operators do with a list."""

    def __init__(self, office: RealOffice, target: str = "sistem") -> None:
        self.office, self.core, self.target = office, office.core, target
        self.adb, self.kasi = office.actor("adb"), office.actor("section_head")
        self.day = self.core.context.today() + timedelta(days=30)

    def record(self, *rows: str, **more: Any) -> Kept:
        """The administrator reads a list in."""
        return self.core.recording.record(self.adb, self.target, listing(*rows), self.day, **more)

    def row(self, username: str) -> RecordedAccountRow:
        """The newest row under this name."""
        with self.core.context.store.read() as session:
            found = select(RecordedAccountRow).where(RecordedAccountRow.folded == username.casefold())
            return list(session.scalars(found))[-1]

    def line(self, username: str) -> RecordedLine:
        """The same, as pages show it."""
        return self.core.recorded_views.one(self.adb, self.row(username).id)

    def decided(self, list_id: str) -> str:
        """The head and the division head dispose of the list; gives the letter."""
        letter_id = self.core.recorded_lists.ask_decision(self.adb, list_id, "800/1/2026")
        anybody = Applicant(self._of_letter(letter_id), "", "", "", {})
        self.office.forward(anybody, "head")
        self.office.forward(anybody, "division_head")
        return letter_id

    def comes(self, username: str, number: int = 0, **bio: str) -> Applicant:
        """The person gets a code at the counter, and fills the bio form on their own device."""
        request_id = self.row(username).request_id
        assert request_id is not None
        code = self.core.enrolment.ask(self.office.actor("secretary"), request_id, "counter", "KTP-el diperiksa")
        assert code is not None
        done = self.core.enrolment.exchange(code, address="192.0.2.9")
        who = Applicant(request_id, done.ticket, done.tracking_code, done.session_token, {})
        self.office.fill(who, person(number, **bio))
        self.core.repair.resubmit(request_id)
        return who

    def signs(self, who: Applicant) -> None:
        """Approved by the section head, and signed by both."""
        self.office.approve(who)
        self.core.signatures.sign_as_applicant(who.request_id, who.ticket)
        (signed,) = self.office.sign(who)
        assert signed.error is None

    def _of_letter(self, letter_id: str) -> str:
        with self.core.context.store.read() as session:
            return session.scalars(select(RequestRow.id).where(RequestRow.letter_id == letter_id)).all()[0]
