"""Step 1 at the counter: the secretary registers a letter that came in on paper, with the people it names."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.letter import LetterState
from provisioner.provisioning import lookup, register_book
from provisioner.provisioning.context import Context
from provisioner.provisioning.drafting import new_letter
from provisioner.provisioning.letter_fields import LetterFields, fill_letter, letter_fields
from provisioner.provisioning.register_book import Particulars
from provisioner.request import RequestState
from provisioner.store.tables import LetterRow, RequestRow


class Registering:
    """Begins letters of the counter. Filling them in and sending them is ``Drafting``, on the applicant's behalf."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def register(self, actor: Actor, letter: Mapping[str, str], applicants: int = 1) -> str:
        """The secretary registers a letter that came in on paper, naming ``applicants`` persons; gives its id.

        The applicants get their tickets by enrolment codes: no official ever sees a ticket.

        It is entered in the register book in the same transaction; ``letter`` may also hold what is typed for the book:
        ``register_number``, ``received_on`` and ``enclosures``.

        :raises NotAllowed: only the secretary registers letters.
        :raises InvalidInput: fields of the letter are wrong; nothing is kept.
        """
        capacity = actor.require("secretary")
        fields, particulars = self._typed(letter)
        with self._context.store.begin() as session:
            row = new_letter(session, self._context, "counter", actor.official_id)
            fill_letter(row, fields)
            entry = register_book.enter_letter(session, self._context, row, particulars, actor.official_id)
            for position in range(1, max(1, applicants) + 1):
                self._named(session, row, position)
            self._context.trail.record(
                session,
                "letter-registered",
                actor=actor.in_trail(capacity),
                subjects=Subjects(letter=row.id),
                letter_number=row.number,
                letter_date=row.letter_date,
                register_number=entry.number,
                urgency=row.urgency,
                sender=row.sender,
                subject=row.subject,
            )
            return row.id

    def _typed(self, letter: Mapping[str, str]) -> tuple[LetterFields, Particulars]:
        """The letter's fields and the book's; what is wrong with either is told at once."""
        today, wrong = self._context.today(), dict[str, Sequence[str]]()
        fields, particulars = LetterFields(), Particulars()
        try:
            fields = letter_fields(letter, complete=True, today=today)
        except InvalidInput as error:
            wrong |= error.fields
        try:
            particulars = Particulars.typed(letter, today)
        except InvalidInput as error:
            wrong |= error.fields
        if self._context.settings.register_book.numbers == "typed" and not letter.get("register_number", "").strip():
            wrong["register_number"] = ["missing"]
        if wrong:
            raise InvalidInput("letter-invalid", fields=wrong)
        return fields, particulars

    def add_at_counter(self, actor: Actor, letter_id: str) -> str:
        """One more applicant on a letter that the secretary registered and has not sent yet; gives the request's id.

        :raises NotAllowed: only the secretary. :raises NotFound: not a letter of the counter.
        :raises WrongState: it was sent already.
        """
        actor.require("secretary")
        with self._context.store.begin() as session:
            letter = lookup.letter(session, letter_id)
            if letter.channel != "counter":
                raise NotFound("letter-unknown")
            if letter.state != LetterState.DRAFT:
                raise WrongState("letter-wrong-state", state=letter.state)
            return self._named(session, letter, max((each.position for each in letter.requests), default=0) + 1)

    def _named(self, session: Session, letter: LetterRow, position: int) -> str:
        request = RequestRow(
            letter_id=letter.id,
            position=position,
            state=RequestState.WITH_LETTER,
            created_at=self._context.clock(),
        )
        session.add(request)
        session.flush()
        return request.id
