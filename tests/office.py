"""A small, real office for tests: every use case wired as in service, over a temporary store.

``office.new("review")`` brings a person to a state; ``office.core`` is the service itself. The fixtures ``office`` and
``make_office`` stand in ``tests/conftest.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.bootstrap import Provisioner, build
from provisioner.preparation import prepare
from provisioner.provisioning.handover import Opening
from provisioner.provisioning.official_terms import latest_end
from provisioner.provisioning.officials import OfficialProfile
from provisioner.provisioning.pacts import Approval
from provisioner.provisioning.signatures import Signed
from provisioner.settings import Settings
from provisioner.store.tables import ActRow, LetterRow, OfficialRow, PactRow, RequestRow
from provisioner.store.tables.audit import AuditRow
from provisioner.ticket import Ticket
from tests.stores import copy_office, current, store_of

MONDAY = datetime(2026, 6, 8, 2, 0, tzinfo=UTC)
"""A working Monday, nine in the morning in Mojokerto."""
CHEAP = {"argon2_memory_kib": 64, "argon2_iterations": 1}
POSTS = ("head", "division_head", "section_head", "adb", "it", "auditor", "secretary")
STATES = ("draft", "sent", "division", "review", "pact-applicant", "pact-official", "creation", "handover", "done")
"""Where :meth:`RealOffice.bring` can take somebody, in the order of the SOP."""
LETTER = {"number": "800/112", "letter_date": "2026-06-05", "sender": "Kelurahan Gedongan", "urgency": "ordinary"}
LONG = {"inspection": {"auditor_days": 3650}}
"""Tests move the clock by years."""
MEMORY = {"kind": "memory", "label": "Sistem", "sign_in": True, "settings": CHEAP}
_FIRST_NAMES = ("Dewi", "Agus", "Budi", "Citra", "Eko", "Fitri", "Gita", "Hadi")


def own_password(post: str) -> str:
    """The password of the official of a post."""
    return f"{post} menyapu halaman 7"


def person(number: int = 0, **changes: str) -> dict[str, str]:
    """A right bio form. Different numbers are different people."""
    return {
        "full_name": f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} Lestari Handayani",
        "title_suffix": "A.Md.",
        "nik": f"357602410795{number + 1:04d}",
        "employment_status": "pns",
        "staff_number": f"19950701 202012 2 {number + 1:03d}",
        "birth_place": "Mojokerto",
        "birth_date": "1995-07-01",
        "sex": "female",
        "position": "Pengadministrasi",
        "org_unit": "Kelurahan Gedongan",
        "address": "Jalan Gajah Mada 1",
        "phone": "081234567890",
        "mail": "dewi@mojokertokota.go.id",
        "education": "D3",
        "assignment_order": "800/7",
        "assignment_order_date": "2026-05-04",
        "role": "OPERATOR_KELURAHAN",
        "region_scope": "35.76.02.1004",
        "reason": "Pelayanan kelurahan",
        "supervisor": "Lurah Gedongan",
        **changes,
    }


class MovableClock:
    """Stands still until it is moved, but for a microsecond at each look: no two acts are at the same instant."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def move(self, **span: float) -> None:
        """Let this much time pass."""
        self.now += timedelta(**span)


@dataclass
class Applicant:
    """Somebody with a request."""

    request_id: str
    ticket: str = field(repr=False)
    tracking_code: str
    token: str = field(repr=False)
    bio: Mapping[str, str]


def settings_of(folder: Path, **more: Any) -> Settings:
    """Settings of an office in ``folder``: cheap hashes, no second factor, one target in memory."""
    given = {
        "store": more.pop("store", None) or store_of(folder, bare=True),
        "passwords": CHEAP,
        "totp": {"mandatory_for": []},
        "targets": {"sistem": MEMORY},
        **LONG,
        **more,
    }
    return Settings(data_dir=folder, **given)


def prepare_office(folder: Path, **more: Any) -> Path:
    """Prepare an office with one official for every post. Slow: tests copy it (:func:`tests.stores.copy_office`)."""
    settings, clock = settings_of(folder, **more), MovableClock()
    prepare(settings, clock)
    core = build(settings, clock)
    appoint(core)
    core.letters.folder()
    core.close()
    return folder


def appoint(core: Provisioner) -> None:
    """Add one official for every post, who has chosen a password (:func:`own_password`)."""
    for number, post in enumerate(POSTS):
        profile = OfficialProfile(
            post,
            f"Pejabat {post.replace('_', ' ').title()}",
            (post,),
            staff_number=f"19700101199503100{number}",
            nik=f"357601010170000{number + 1}",
            rank="Pembina (IV/a)",
            position=core.office.post(post).title,
            expires_on=latest_end(core.context) if post == "auditor" else None,
        )
        core.officials.add(profile, password=own_password(post))
    with core.context.store.begin() as session:
        session.execute(update(OfficialRow).values(must_change=False))


_LAST_KEPT = "creation"
"""Later states stand in systems too, which are in memory."""
_WALKED: dict[tuple[str, Path, str], tuple[Any, Applicant, datetime, int]] = {}


class RealOffice:
    """An office over a copy of a prepared folder. ``settings`` are sections of the settings to be otherwise."""

    def __init__(self, folder: Path, prepared: Path, clock: MovableClock | None = None, **settings: Any) -> None:
        copy_office(prepared, folder)
        self.folder = folder
        self.clock = clock or MovableClock()
        self.settings = settings_of(folder, **settings)
        self.core: Provisioner = build(self.settings, self.clock)
        self._letters = 0
        self._prepared, self._settings, self._touched = prepared, settings, clock is not None
        self.core.context.store.before_commit(self._touch)

    def _touch(self, _session: Session) -> None:
        self._touched = True

    def close(self) -> None:
        """Give back connections."""
        self.core.close()

    # -- people ------------------------------------------------------------------------------------------------------

    def actor(self, username: str) -> Actor:
        """An official as they may act now. Every post has an official whose user name is the post."""
        with self.core.context.store.read() as session:
            found = session.scalars(select(OfficialRow.id).where(OfficialRow.username == username)).one()
        actor = self.core.officials.actor(found)
        assert actor is not None
        return actor

    def add_official(self, username: str, *posts: str, must_change: bool = False, **profile: Any) -> Actor:
        """One more official; the password is ``own_password(username)``."""
        made = OfficialProfile(username, profile.pop("full_name", username.title()), posts, **profile)
        self.core.officials.add(made, password=own_password(username))
        if not must_change:
            with self.core.context.store.begin() as session:
                session.execute(update(OfficialRow).where(OfficialRow.username == username).values(must_change=False))
        return self.actor(username)

    # -- to a state --------------------------------------------------------------------------------------------------

    def new(self, to: str = "sent", number: int = 0, **bio: str) -> Applicant:
        """A person whose request stands at one of :data:`STATES`.

        The first one of an office with ordinary settings, in which nothing has happened yet, goes through the SOP once:
        other offices begin with a copy of what that has left.
        """
        moved = self.clock.now - MONDAY > timedelta(seconds=1)  # The copy would put the clock back.
        if number or bio or self._touched or self._settings or moved:
            return self.bring(self.draft(person(number, **bio)), to)
        before = min(to, _LAST_KEPT, key=STATES.index)
        key = (current().kind, self._prepared, before)
        if key not in _WALKED:
            who = self.bring(self.draft(person(0)), before)
            _WALKED[key] = (current().still(self.folder), who, self.clock.now, self._letters)
        else:
            still, who, self.clock.now, self._letters = _WALKED[key]
            current().put_back(self.folder, still)
            self._touched = True
        return self.bring(replace(who), to, start=before)

    def draft(self, *bios: Mapping[str, str], **letter: str) -> Applicant:
        """A letter with everybody of ``bios`` on it, not sent; gives the first. An empty form is left empty."""
        return self.draft_of_all(*bios, **letter)[0]

    def draft_of_all(self, *bios: Mapping[str, str], **letter: str) -> list[Applicant]:
        """As :meth:`draft`; gives everybody."""
        found: list[Applicant] = []
        for bio in bios:
            self._letters += 1
            begun = (
                self.core.drafting.add_applicant(found[0].request_id)
                if found
                else self.core.drafting.begin(address=f"192.0.2.{self._letters % 250}")
            )
            found.append(Applicant(begun.request_id, begun.ticket, begun.tracking_code, begun.session_token, bio))
            if bio:
                self.fill(found[-1], bio)
        first = found[0]
        self.core.drafting.save_letter(first.request_id, self.letter(first).revision, {**LETTER, **letter})
        return found

    def fill(self, who: Applicant, bio: Mapping[str, str]) -> None:
        """Type the bio form."""
        who.bio = bio
        self.core.drafting.save_bio(who.request_id, self.request(who).revision, bio)

    def bring(self, who: Applicant, to: str, start: str = "draft") -> Applicant:
        """Take somebody from ``start`` (where they stand) to a later one of :data:`STATES`."""
        steps: dict[str, Callable[[], object]] = {
            "sent": lambda: self.core.drafting.submit(who.request_id, address="192.0.2.1"),
            "division": lambda: self.forward(who, "head"),
            "review": lambda: self.forward(who, "division_head"),
            "pact-applicant": lambda: self.approve(who),
            "pact-official": lambda: self.core.signatures.sign_as_applicant(who.request_id, who.ticket),
            "creation": lambda: self.sign(who),
            "handover": self.core.heart.drain,
            "done": lambda: self.open_envelope(who),
        }
        for state in STATES[STATES.index(start) + 1 : STATES.index(to) + 1]:
            steps[state]()
        return who

    # -- the desks ---------------------------------------------------------------------------------------------------

    def forward(self, who: Applicant, post: str, **more: Any) -> None:
        """The official of a post opens the letter and disposes of it."""
        letter = self.letter(who)
        self.core.desks.open(self.actor(post), letter.id)
        self.core.desks.forward(self.actor(post), letter.id, letter.revision, **more)

    def approval(self, who: Applicant, username: str = "", **more: Any) -> Approval:
        """What a careful section head types. Without ``username``: the one offered."""
        name = username or self.core.usernames.offer(self.actor("section_head"), who.request_id).username
        code = Ticket.parse(who.ticket).keys().check_code()
        return Approval(**{"username": name, "check_code": code, "person_confirmed": True, **more})

    def approve(self, who: Applicant, username: str = "", by: str = "section_head", **more: Any) -> str:
        """The section head opens and approves; gives the pact's id."""
        actor = self.actor(by)
        self.core.review.open(actor, who.request_id)
        revision = self.request(who).revision
        return self.core.pacts.approve(actor, who.request_id, revision, self.approval(who, username, **more))

    def sign(self, *people: Applicant, by: str = "section_head", password: str = "", code: str = "") -> list[Signed]:
        """The section head views and signs the pacts of all of ``people`` in one go."""
        actor, pacts = self.actor(by), [self.pact(who).id for who in people]
        for pact in pacts:
            self.core.pacts.document(actor, pact)
        return self.core.signatures.sign(actor, pacts, password or own_password(by), code)

    def open_envelope(self, who: Applicant) -> Opening:
        """The applicant opens the envelope in a browser of their own."""
        here = self.core.applicant_session(who.token)
        session_id = here.id if here else "another-browser"
        return self.core.handover.open(who.ticket, session_id, "192.0.2.1")

    # -- looking -----------------------------------------------------------------------------------------------------

    def request(self, who: Applicant) -> RequestRow:
        """The row of a request."""
        with self.core.context.store.read() as session:
            return session.get_one(RequestRow, who.request_id)

    def letter(self, who: Applicant) -> LetterRow:
        """The row of somebody's letter."""
        with self.core.context.store.read() as session:
            return session.get_one(RequestRow, who.request_id).letter

    def pact(self, who: Applicant) -> PactRow:
        """The newest pact of a request."""
        with self.core.context.store.read() as session:
            query = select(PactRow).where(PactRow.request_id == who.request_id).order_by(PactRow.number.desc())
            found = session.scalars(query).first()
            assert found is not None
            return found

    def state(self, who: Applicant) -> tuple[str, str]:
        """States of letter and request."""
        return self.letter(who).state, self.request(who).state

    def acts(self, who: Applicant) -> list[ActRow]:
        """Every act on the letter or the request, oldest first."""
        with self.core.context.store.read() as session:
            query = select(ActRow).where(ActRow.letter_id == self.letter(who).id).order_by(ActRow.at)
            return [row for row in session.scalars(query) if row.request_id in (None, who.request_id)]

    def last_act(self, who: Applicant, kind: str) -> str:
        """The id of the newest act of a kind that was not undone."""
        return [row.id for row in self.acts(who) if row.kind == kind and row.undone_at is None][-1]

    def events(self, kind: str = "") -> list[AuditRow]:
        """Every event in the audit trail, or those of one kind."""
        with self.core.context.store.read() as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()
            return [row for row in rows if kind in ("", row.kind)]
