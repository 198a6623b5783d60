"""One unit of work at a time: :meth:`Store.begin` writes, :meth:`Store.read` only reads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from provisioner.clock import Clock
from provisioner.store.tables import Model

HOLDS_LOCKS_SECONDS = 10
"""A process that stands still in the middle of a writing unit of work holds locks that others wait for: after so long
PostgreSQL ends it. Nothing slow is done in there, so nobody else is ever idle for so long.
"""
_NOT_FOR_EVER = text(f"SET LOCAL idle_in_transaction_session_timeout = '{HOLDS_LOCKS_SECONDS}s'")

BeforeCommit = Callable[[Session], None]


class Store:
    """The database of one office.

    On SQLite a writing unit of work starts with BEGIN IMMEDIATE, so that it never has to be upgraded from a read
    (which SQLite answers with "database is locked" instead of waiting).
    """

    def __init__(self, url: str, *, busy_timeout_seconds: float = 30.0) -> None:
        self.engine: Engine = create_engine(url, **_engine_options(url))
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._before_commit: list[BeforeCommit] = []
        self._writing, self._patience = Lock(), busy_timeout_seconds
        self._only_one = self.engine.dialect.name == "sqlite"
        if self._only_one:
            _prepare_sqlite(self.engine, busy_timeout_seconds)

    @property
    def is_file(self) -> bool:
        """Whether it is an SQLite file, which only this machine uses and only one writes to at a time."""
        return self._only_one

    def server_clock(self) -> Clock:
        """The time of the database server, where there is one (:attr:`is_file` is false)."""
        # An office that keeps its store in a file has no use for what speaks to servers.
        clock: Clock = import_module("provisioner.store.server_clock").ServerClock(self.engine)
        return clock

    def before_commit(self, callback: BeforeCommit) -> None:
        """Run ``callback`` last in every writing unit of work (the audit trail appends its events there)."""
        self._before_commit.append(callback)

    def after_flush(self, callback: BeforeCommit) -> None:
        """Run ``callback`` whenever a unit of work has written its changes; ``new`` and ``dirty`` still tell which."""
        event.listen(self._sessions, "after_flush", lambda session, _context: callback(session))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing unit of work: commits when the block ends, rolls back when it raises."""
        with self._turn():
            session = self._sessions()
            try:
                session.connection(execution_options={"provisioner_writes": True})
                if not self._only_one:
                    session.execute(_NOT_FOR_EVER)
                yield session
                for callback in self._before_commit:
                    callback(session)
                session.commit()
            except BaseException:
                session.rollback()
                raise
            finally:
                session.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """On SQLite, where only one can write, this process's threads wait for one another here: SQLite would let each
        sleep for up to a tenth of a second and look again. Who waits too long is told by SQLite, as ever.
        """
        waited = self._only_one and self._writing.acquire(timeout=self._patience)
        try:
            yield
        finally:
            if waited:
                self._writing.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A reading unit of work; what it changed by mistake is rolled back, what it loaded stays readable."""
        session = self._sessions()
        try:
            yield session
        finally:
            session.expunge_all()  # What was read stays readable: rolling back would expire it.
            session.rollback()
            session.close()

    def forget_old_pages(self) -> bool:
        """Empty the log beside the database, whose pages still hold what was deleted; False: somebody is reading.

        On SQLite deleted content is overwritten in the database itself (``secure_delete``). On other servers this is
        theirs: dead rows go with the next VACUUM, the log with its own age.
        """
        if not self._only_one:
            return True
        with self._turn():
            connection = self.engine.raw_connection()  # Outside of any transaction, which would hold the log.
            try:
                busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
            finally:
                connection.close()

    def create_tables(self) -> None:
        """Make every table that is missing (tests; an installed office uses the migrations)."""
        Model.metadata.create_all(self.engine)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()


def _engine_options(url: str) -> dict[str, Any]:
    # A statement that fails is quoted in the error, and the error in the log: its values must not be.
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("sqlite"):
        pool = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 60}
        return {**options, **pool, "connect_args": {"check_same_thread": False}}
    return {**options, "pool_pre_ping": True}


def _prepare_sqlite(engine: Engine, busy_timeout_seconds: float) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # We say BEGIN ourselves, see below.
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={int(busy_timeout_seconds * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL forgets commits at power loss.
            "foreign_keys=ON",
            "secure_delete=ON",  # An erased envelope must not stay in a free page.
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("provisioner_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
