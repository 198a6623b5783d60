"""All figures of the office as they stand now, counted at most every few seconds, however often somebody asks."""

import logging
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from threading import Lock
from time import monotonic, perf_counter

from provisioner.audit import AnchorBook
from provisioner.observation.figure import Figure
from provisioner.observation.store_figures import Source, of_the_store
from provisioner.provisioning.context import Context
from provisioner.worktime import WorkTime

_log = logging.getLogger(__name__)


class Census:
    """Figures that every process shows alike, because they describe the store and not the process."""

    def __init__(self, context: Context, worktime: WorkTime, more: Iterable[Source] = ()) -> None:
        """``more``: sources of other rooms, read with ours."""
        self._context = context
        self._sources = [*of_the_store(context.settings, context.procedure, worktime), *more]
        self._book = AnchorBook(context.settings.path(context.settings.audit.anchor_dir))
        self._lock = Lock()
        self._taken: tuple[Figure, ...] = ()
        self._until = 0.0

    def take(self) -> tuple[Figure, ...]:
        """Every figure; those of a moment ago where they are young enough. Never raises: without the store it says that
        it is not there.
        """
        with self._lock:
            if monotonic() >= self._until:
                self._taken = tuple(self._counted())
                self._until = monotonic() + self._context.settings.metrics.cache_seconds
            return self._taken

    def _counted(self) -> Iterator[Figure]:
        begun, now = perf_counter(), self._context.clock()
        try:
            figures = self._of_the_store(now)
        except Exception as error:  # Whatever the database says: its text may quote values.
            _log.warning("figures cannot be read from the store: %s", type(error).__name__)
            figures = []
        yield Figure.one("provisioner_store_up", "1 while the store answers.", float(bool(figures)))
        yield from figures
        yield from self._of_the_machine(now)
        text = "Time that counting these figures took."
        yield Figure.one("provisioner_census_seconds", text, perf_counter() - begun)

    def _of_the_store(self, now: datetime) -> list[Figure]:
        with self._context.store.read() as session:
            return [figure for source in self._sources for figure in source(session, now)]

    def _of_the_machine(self, now: datetime) -> Iterator[Figure]:
        folder = self._context.settings.path(self._context.settings.data_dir)
        try:
            disk = shutil.disk_usage(folder)
            yield Figure.one("provisioner_data_disk_free_bytes", "Free on the disk of the data folder.", disk.free)
            yield Figure.one("provisioner_data_disk_size_bytes", "Size of the disk of the data folder.", disk.total)
            noted = [anchor.at for anchor in self._book.read() if anchor.at is not None]
        except (OSError, ValueError) as error:
            _log.warning("the data folder or the anchors cannot be read: %s", type(error).__name__)
            return
        if noted:
            text = "Time since the last anchor of the audit trail was written."
            yield Figure.one("provisioner_audit_anchor_age_seconds", text, (now - max(noted)).total_seconds())
