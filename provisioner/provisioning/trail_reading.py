"""Reading the audit trail: who may, and what reading it leaves behind in the trail itself."""

from collections.abc import Iterator

from provisioner.actor import Actor
from provisioner.audit import AuditEntry, AuditTrail, Filters, Head, Page
from provisioner.audit.export import export
from provisioner.provisioning.context import Context

READERS = ("auditor", "it", "head", "division_head", "section_head")
EXPORTERS = ("auditor", "it")
PERSONAL_EXPORTERS = ("auditor",)
"""IT keeps the chain safe elsewhere; whom it is about is no concern of theirs."""
HISTORY_READERS = (*READERS, "adb")
"""Who may see an account sees its history too."""


class TrailReading:
    """The audit trail for those who may read it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def _trail(self) -> AuditTrail:
        return self._context.trail

    def search(self, actor: Actor, filters: Filters, before: int | None = None, limit: int = 50) -> Page:
        """One page of events, newest first. :raises NotAllowed: no post that may read the trail."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return self._trail.search(session, filters, before=before, limit=limit)

    def of_account(self, actor: Actor, account_id: str, limit: int = 50) -> Page:
        """The newest events of one account, for whoever may see accounts. :raises NotAllowed: no such post."""
        actor.require(*HISTORY_READERS)
        with self._context.store.read() as session:
            return self._trail.search(session, Filters(account=account_id), limit=limit)

    def head(self, actor: Actor) -> Head:
        """Where the chain ends now. :raises NotAllowed: no post that may read the trail."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return self._trail.head(session)

    def epochs(self, actor: Actor) -> list[AuditEntry]:
        """The events with which the trail went on after a restoration, newest first: what came before each and after
        its backup is lost. :raises NotAllowed: no post that may read the trail.
        """
        actor.require(*READERS)
        with self._context.store.read() as session:
            return list(self._trail.search(session, Filters(kinds=("epoch-opened",)), limit=20).entries)

    def export(self, actor: Actor, *, personal: bool = False) -> Iterator[str]:
        """The whole trail as JSON lines, streamed. Exporting is an event too.

        :raises NotAllowed: neither auditor nor IT; with personal values, not the auditor.
        """
        capacity = actor.require(*(PERSONAL_EXPORTERS if personal else EXPORTERS))
        with self._context.store.begin() as session:
            head = self._trail.head(session)
            self._trail.record(
                session,
                "audit-exported",
                actor=actor.in_trail(capacity),
                count=head.seq,
                last_seq=head.seq,
                with_personal=personal,
                form="jsonl",
            )
        return self._lines(personal)

    def _lines(self, personal: bool) -> Iterator[str]:
        with self._context.store.read() as session:
            yield from export(session, self._trail, personal=personal)
