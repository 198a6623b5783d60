"""One unit of work at a time: :meth:`Store.begin` writes, :meth:`Store.read` only reads."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, InvalidRequestError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry

from provisioner.clock import Clock
from provisioner.errors import ChangedMeanwhile, StoreUnavailable
from provisioner.store.address import database_url, engine_options
from provisioner.store.locking import WritingSession
from provisioner.store.tables import Model
from provisioner.store.troubles import DATABASE_FAILED, keep_values_out_of_errors, trouble

BeforeCommit = Callable[[Session], None]
_RETURNED = "provisioner.store.returned"
_TRUSTED_SECONDS = 5.0
_ONE_PICTURE = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Store:
    """The database of one office.

    On SQLite a writing unit of work starts with BEGIN IMMEDIATE, so that it never has to be upgraded from a read
    (which SQLite answers with "database is locked" instead of waiting): writers take turns, and each sees one picture.

    On PostgreSQL writers run beside each other (READ COMMITTED). What a unit of work looks up by its key is locked
    (:class:`WritingSession`), in the order letter, request, pact, account, link, and the head of the audit trail last;
    who looks whether something is there, to make it otherwise, does so ``alone``. REPEATABLE READ would refuse every
    second unit of work instead, since all of them end at the head of the trail. Reading units of work see one picture
    (REPEATABLE READ, READ ONLY), as on SQLite.

    Nothing is tried again here: a unit of work is a block of the caller's, which only the caller can repeat.
    """

    def __init__(self, url: str, *, busy_timeout_seconds: float = 30.0) -> None:
        address = database_url(url)
        self.engine: Engine = create_engine(address, **engine_options(address))
        keep_values_out_of_errors(self.engine)
        self._only_one = self.engine.dialect.name == "sqlite"
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        writing = Session if self._only_one else WritingSession
        self._writing_sessions = sessionmaker(self.engine, class_=writing, expire_on_commit=False)
        self._before_commit: list[BeforeCommit] = []
        self._writing, self._patience = Lock(), busy_timeout_seconds
        if self._only_one:
            _prepare_sqlite(self.engine, busy_timeout_seconds)
        else:
            # Rows that are added together go in one statement; the driver's own way is a pipeline of one for each.
            self.engine.dialect.use_insertmanyvalues_wo_returning = True
            _ask_idle_connections(self.engine)

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
        event.listen(self._writing_sessions, "after_flush", lambda session, _context: callback(session))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing unit of work: commits when the block ends, rolls back when it raises.

        :raises StoreUnavailable: the database cannot work now. Nothing was kept, but see ``store-in-doubt`` there.
        :raises ChangedMeanwhile: what was read was changed by somebody else before it was written.
        """
        with self._turn():
            session, committing = self._writing_sessions(), False
            try:
                _connect(session, {"provisioner_writes": True})
                yield session
                for callback in self._before_commit:
                    callback(session)
                session.flush()
                committing = True
                session.commit()
            except StaleDataError as error:  # Somebody else changed a row between our reading and our writing it.
                _give_up(session)
                raise ChangedMeanwhile from error
            except DATABASE_FAILED as error:
                _give_up(session)
                if told := trouble(error, committing=committing):
                    raise told from error
                raise
            except BaseException:
                _give_up(session)
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
        """A reading unit of work; what it changed by mistake is rolled back, what it loaded stays readable.

        :raises StoreUnavailable: the database cannot work now.
        """
        session = self._sessions()
        try:
            if not self._only_one:
                _connect(session, _ONE_PICTURE)
            yield session
        except DATABASE_FAILED as error:
            if told := trouble(error):
                raise told from error
            raise
        finally:
            session.expunge_all()  # What was read stays readable: rolling back would expire it.
            _give_up(session)
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


def _connect(session: Session, options: Mapping[str, Any]) -> None:
    """Take a connection, to be used in this way.

    :raises StoreUnavailable: one after another was broken before it was used.
    """
    try:
        session.connection(execution_options=options)
    except InvalidRequestError as error:  # What the pool says when it has tried twice.
        raise StoreUnavailable("store-away") from error


def _give_up(session: Session) -> None:
    """Roll back; a server that is gone has done so by itself."""
    with suppress(*DATABASE_FAILED):
        session.rollback()


def _ask_idle_connections(engine: Engine) -> None:
    """A connection that lay about is asked whether it still stands before it is used, and replaced if not. To ask each
    time would be one more round trip for every unit of work.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RETURNED] = monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        idle = monotonic() - record.info.get(_RETURNED, monotonic())
        try:
            if connection.closed or (idle > _TRUSTED_SECONDS and not engine.dialect.do_ping(connection)):
                raise DisconnectionError
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # The pool opens another one.


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
