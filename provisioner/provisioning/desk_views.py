"""What the desks' pages show, as plain data: lines of lists, the inbox, a letter, a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from provisioner.provisioning.attachments import PaperLine
from provisioner.provisioning.bio import Checked
from provisioner.provisioning.enrolment_codes import TicketNews
from provisioner.provisioning.kept_pacts import PactView
from provisioner.provisioning.known_people import KnownPerson
from provisioner.provisioning.sop_line import StepView
from provisioner.request import TAKES_PART
from provisioner.retention import Destroyed


@dataclass(frozen=True)
class RequestLine:
    """One request in a list."""

    id: str
    number: str
    letter_id: str
    letter_number: str
    sender: str
    applicant: str
    role: str
    region: str
    state: str
    letter_state: str
    step: int
    desk: str
    """The post on whose desk it lies, ``applicant``, or empty."""
    since: datetime
    opened: bool
    destroyed: bool = False
    """Its archive was destroyed: there is no name any more."""

    @property
    def takes_part(self) -> bool:
        """Whether this person is still an applicant of the letter: they did not withdraw."""
        return self.state in TAKES_PART


@dataclass(frozen=True)
class LetterLine:
    """One letter in an inbox."""

    id: str
    number: str
    sender: str
    urgency: str
    state: str
    step: int
    applicants: tuple[str, ...]
    """Names of those who still take part."""
    since: datetime
    opened: bool
    register_number: str = ""
    """Of its entry in the register book; empty: not registered yet."""


@dataclass(frozen=True)
class OnPaper:
    """An act that was recorded in this person's name from a sheet they initialled."""

    letter_id: str
    letter_number: str
    act: "ActLine"


@dataclass(frozen=True)
class Inbox:
    """What waits for this person ("menunggu tindakan Anda")."""

    letters: tuple[LetterLine, ...]
    """Of this and of each kind the oldest, see :attr:`numbers`."""
    requests: tuple[RequestLine, ...]
    pacts: tuple[PactView, ...]
    """Signed by the applicant, waiting for this section head."""
    creations: tuple[RequestLine, ...]
    """Step 5 by button."""
    enrolments: int
    """Codes for a new ticket that wait for a second official."""
    drafts: tuple[LetterLine, ...]
    """The secretary's own letters that were not sent yet."""
    at_counter: tuple[RequestLine, ...] = ()
    """Requests from the counter that came back, or still lack their bio form: for the secretary."""
    unregistered: tuple[LetterLine, ...] = ()
    """Letters that came in and are not in the register book: for the secretary."""
    on_paper: tuple[OnPaper, ...] = ()
    """What was recorded in this person's name from paper of late. Nothing waits for them; they may object."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """How many there are of each kind, by the name of the list; zero where none is named."""

    @property
    def count(self) -> int:
        """How many things wait."""
        kinds = ("letters", "requests", "pacts", "creations", "at_counter", "unregistered")
        return sum(self.numbers.get(each, 0) for each in kinds) + self.enrolments

    def left_out(self, kind: str) -> int:
        """How many more there are of a kind than the list shows."""
        return max(0, self.numbers.get(kind, 0) - len(getattr(self, kind)))


@dataclass(frozen=True)
class InboxCount:
    """How much waits for somebody: everything, and pacts to sign alone."""

    waiting: int
    pacts: int


@dataclass(frozen=True)
class ActLine:
    """One act in the trail of a request."""

    id: str
    kind: str
    step: int
    actor: str
    """Post and name, or empty for the applicant and the system."""
    acting_for: str
    requested_action: str
    note: str
    at: datetime
    undone: bool
    can_undo: bool
    on_letter: bool
    earlier: str = ""
    """The letter of an earlier round that it was an act of; empty for the present one."""


@dataclass(frozen=True)
class EarlierLetter:
    """A letter that a request was on before it started again on a copy of it."""

    id: str
    number: str
    left_at: datetime


@dataclass(frozen=True)
class LetterView:
    """Everything the page of a letter shows. ``actions``: forward, return, reject; ``blocked``: why none of them."""

    id: str
    number: str
    letter_date: date | None
    sender: str
    subject: str
    urgency: str
    channel: str
    state: str
    step: int
    desk: str
    revision: int
    received_at: datetime | None
    register_number: str
    """Of its entry in the register book; empty: it is not registered yet."""
    register_void: bool
    """The entry is struck through."""
    requests: tuple[RequestLine, ...]
    """Everybody it named when it was sent, those who withdrew since too."""
    line: tuple[StepView, ...]
    acts: tuple[ActLine, ...]
    papers: tuple[PaperLine, ...]
    actions: frozenset[str]
    blocked: str
    earlier: tuple[EarlierLetter, ...]
    """Where those on it were before they started again."""
    moved_on: tuple[RequestLine, ...]
    """Who was on it and started again on another letter."""
    destroyed: Destroyed | None = None

    @property
    def taking_part(self) -> tuple[RequestLine, ...]:
        """Those on it who did not withdraw."""
        return tuple(each for each in self.requests if each.takes_part)


@dataclass(frozen=True)
class RequestView:
    """Everything the page of a request shows. ``actions``: approve, return, reject, sign, make-anew, create."""

    line: RequestLine
    letter: LetterView
    revision: int
    bio: Checked
    """The NIK in it is masked; showing it is an act of its own."""
    bio_shown: bool
    """False: this person's post has no need of it, and ``bio`` is empty."""
    bio_complete: bool
    bio_frozen_at: datetime | None
    has_ticket: bool
    code_ended: bool
    """A code for a new ticket was asked for or given out, and became worthless with the end of the request."""
    check_code_known: bool
    username: str
    answer: str
    valid_until: date | None
    replaces_username: str
    steps: tuple[StepView, ...]
    acts: tuple[ActLine, ...]
    papers: tuple[PaperLine, ...]
    pact: PactView | None
    account_id: str | None
    duplicate: str
    """``person-has-account`` or ``person-has-request`` when this person is known already."""
    duplicate_of: str
    same_staff_number: KnownPerson | None
    """Another person, by the NIK, with the same NIP: a warning, for those who read bio forms."""
    phone: str
    """E.164, for "Kirim WhatsApp" and "Telepon"; only where the applicant must act, for the desk that holds it."""
    ticket: TicketNews
    phone_to_tell: str
    """E.164: the applicant is to hear that their ticket was replaced. For those who give codes, while it is news."""
    actions: frozenset[str]
    blocked: str
    destroyed: Destroyed | None = None
    """When its archive was destroyed, and by which minutes."""
