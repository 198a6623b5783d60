"""The number and date of papers that the office sends: foreseen before a paper is rendered, taken when it is kept."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from provisioner.documents.words import long_date
from provisioner.errors import InvalidInput
from provisioner.paper import PaperKind
from provisioner.provisioning import outgoing
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_papers import FACTS_PURPOSE, newest
from provisioner.provisioning.numbers import NumberGone
from provisioner.provisioning.paper_content import PaperFacts
from provisioner.store.tables import PaperRow


class PaperNumbers:
    """Numbers the papers of one office. A paper keeps its number over its revisions."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def numbered(self, session: Session, kind: PaperKind, subject: str, facts: PaperFacts) -> PaperFacts:
        """The facts with number and date: those of the revision before, or the number that comes next, which is only
        foreseen here. Where the office types its own numbers and nobody has yet, the place is left open.
        """
        if facts.outgoing is None:
            return facts
        former = newest(session, kind, subject)
        if former is not None:
            kept: Mapping[str, str] = json.loads(self._context.keyring.open(FACTS_PURPOSE, former.facts))
            number, day = former.number, max(date.fromisoformat(kept["day"]), self._context.today(facts.at))
        else:
            day = self._context.today()
            number = outgoing.foreseen(
                session,
                self._context,
                kind=kind.value,
                letter_id=facts.letter_id,
                request_id=facts.request_id,
                day=day,
            )
        values = {**facts.values, "number": number, "day": day.isoformat(), "date": long_date(day)}
        return replace(facts, values=values, number=number)

    def take(self, session: Session, kind: PaperKind, facts: PaperFacts, former: PaperRow | None) -> None:
        """In the transaction that keeps the paper. :raises NumberGone: it is not the one that was foreseen."""
        if facts.outgoing is None or (former is None and facts.number == ""):
            return
        number = former.number if former is not None else self._assign(session, kind, facts)
        if number != facts.number:
            raise NumberGone

    def _assign(self, session: Session, kind: PaperKind, facts: PaperFacts) -> str:
        if facts.outgoing is None:
            return ""
        try:
            return outgoing.assign(
                session,
                self._context,
                kind=kind.value,
                letter_id=facts.letter_id,
                request_id=facts.request_id,
                day=date.fromisoformat(str(facts.values["day"])),
                subject=facts.outgoing.subject,
                addressee=facts.outgoing.addressee,
            )
        except InvalidInput as error:  # The entry that gave the foreseen number was voided meanwhile.
            raise NumberGone from error
