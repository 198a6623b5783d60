"""The words of pacts, kept whole by revision: an old pact is read in its own words when the office has newer ones."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.errors import ConfigurationError
from provisioner.pact import PactText
from provisioner.provisioning.context import Context
from provisioner.store.locking import alone
from provisioner.store.tables import PactRow, PactTextRow


class PactTexts:
    """``current`` is the office's text today."""

    def __init__(self, context: Context, current: PactText) -> None:
        self._context = context
        self.current = current

    def keep(self, session: Session, at: datetime) -> None:
        """Keep the current words, unless they are kept.

        :raises ConfigurationError: other words were kept under the same revision.
        """
        alone(session, "pact-text", self.current.revision)
        row = session.get(PactTextRow, self.current.revision)
        if row is not None:
            self._refuse_other(row)
            return
        text = self.current
        session.add(PactTextRow(revision=text.revision, fingerprint=text.fingerprint, words=text.to_json(), kept_at=at))
        self._context.trail.record(
            session,
            "pact-text-kept",
            actor=audit.Actor.system(),
            text_revision=text.revision,
            sha256=text.fingerprint,
        )

    def keep_used(self) -> None:
        """Periodic: keep the current words where pacts were made with them before words were kept."""
        revision = self.current.revision
        used = select(PactRow.id).where(PactRow.text_revision == revision).limit(1)
        with self._context.store.read() as session:
            if session.get(PactTextRow, revision) is not None or session.scalars(used).first() is None:
                return
        with self._context.store.begin() as session:
            self.keep(session, self._context.clock())

    def of(self, session: Session, revision: str) -> PactText | None:
        """The words of a revision; None where nobody kept them."""
        row = session.get(PactTextRow, revision)
        if row is not None:
            return PactText.from_json(row.words)
        return self.current if revision == self.current.revision else None

    def refuse_changed(self) -> None:
        """:raises ConfigurationError: pacts were made with other words under the name of the current revision."""
        if not inspect(self._context.store.engine).has_table(PactTextRow.__tablename__):
            return  # An older schema: whoever asks is told about that.
        with self._context.store.read() as session:
            row = session.get(PactTextRow, self.current.revision)
        if row is not None:
            self._refuse_other(row)

    def _refuse_other(self, row: PactTextRow) -> None:
        if row.fingerprint != self.current.fingerprint:
            file = Path(self._context.settings.office_dir) / "pact.toml"
            raise ConfigurationError(
                str(file),
                f"revision: pacts were made with other words under the name {row.revision}; "
                "words that differ need a new revision",
            )
