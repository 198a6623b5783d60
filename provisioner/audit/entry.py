"""Who did what to whom: the parts of one audit event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from provisioner.audit.events import Value

ACTOR_KINDS = ("official", "applicant", "operator", "system", "command", "visitor")


@dataclass(frozen=True)
class Actor:
    """Who acted. ``label`` is public (the post); ``name`` is personal and can be erased."""

    kind: str
    """One of :data:`ACTOR_KINDS`."""
    id: str = ""
    label: str = ""
    name: str | None = None

    @classmethod
    def official(cls, official_id: str, label: str, name: str | None = None) -> Self:
        """An official of the office, acting in the post ``label`` ("Kepala Dinas", "Plt. Kepala Dinas")."""
        return cls("official", official_id, label, name)

    @classmethod
    def applicant(cls, request_id: str, name: str | None = None) -> Self:
        """The person who asks for an account, known by the ticket of this request."""
        return cls("applicant", request_id, "", name)

    @classmethod
    def operator(cls, account_id: str, name: str | None = None) -> Self:
        """The holder of an account."""
        return cls("operator", account_id, "", name)

    @classmethod
    def system(cls) -> Self:
        """The service itself, by its own clock or carrying out what was decided."""
        return cls("system")

    @classmethod
    def command(cls, os_user: str | None = None) -> Self:
        """Somebody on the machine itself, using the command."""
        return cls("command", "", "", os_user)

    @classmethod
    def visitor(cls) -> Self:
        """Somebody on a public page of whom nothing is known."""
        return cls("visitor")


@dataclass(frozen=True)
class Subjects:
    """Ids of what the event is about; histories are found by them."""

    letter: str | None = None
    request: str | None = None
    account: str | None = None
    official: str | None = None

    def given(self) -> dict[str, str]:
        """Only those that are set, by name."""
        named = {"letter": self.letter, "request": self.request, "account": self.account, "official": self.official}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class AuditEntry:
    """One row as it is read: public fields, and the personal ones as far as they were not erased."""

    seq: int
    at: datetime
    kind: str
    actor: Actor
    subjects: Subjects
    fields: Mapping[str, Value]
    """Public fields and revealed personal ones."""
    hidden: frozenset[str]
    """Personal fields whose value was erased."""
    doubtful: frozenset[str]
    """Personal fields whose kept value is not the one committed to: somebody changed it."""
    intact: bool
    """Whether the row still has the content that was hashed. Whether it hangs in the chain, a verification tells."""
    hash: str
