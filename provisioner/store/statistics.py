"""What SQLite has to know of its tables so that questions stay quick. A database server sees to that by itself."""

from datetime import datetime, timedelta

from sqlalchemy import text

from provisioner.clock import Clock
from provisioner.store.database import Store
from provisioner.store.tables.model import Model

EVERY = timedelta(days=1)
_SMALL_PAGES = 2000
"""A file of eight megabytes is read quickly whatever the order."""


class Statistics:
    """Counts anew. Without that SQLite guesses, and reads a hundred thousand accounts to find the few whose password is
    wanted (https://www.sqlite.org/lang_analyze.html).
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._renewed_at: datetime | None = None

    def renew_if_due(self) -> None:
        """When the service has started, and once a day."""
        now = self._clock()
        if not self._store.is_file or (self._renewed_at is not None and now - self._renewed_at < EVERY):
            return
        with self._store.read() as session:
            pages = session.scalar(text("PRAGMA page_count")) or 0
        if pages >= _SMALL_PAGES:
            # Each by itself: with all rows of a hundred thousand accounts the longest takes half a second, and nobody
            # can write meanwhile. A part of the rows is not enough: what one value leads to would seem few.
            for table in Model.metadata.sorted_tables:
                with self._store.begin() as session:
                    session.execute(text(f"ANALYZE {table.name}"))
        self._renewed_at = now
