"""PostgreSQL goes away, is full, crowded or read only: one clear answer, nothing half done, and on it goes after."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, select

from provisioner.bootstrap import Provisioner, build
from provisioner.errors import ConfigurationError, StoreUnavailable
from provisioner.settings import Settings
from provisioner.store import Store
from provisioner.store.migration import migrate
from provisioner.store.tables import LetterRow, OfficialRow
from provisioner.store.tables.audit import AuditRow
from tests.office import MONDAY, MovableClock, prepare_office, settings_of
from tests.servers.postgresql import OWNER_PASSWORD, Database, Postgresql, private_postgresql
from web.app import create_app


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    """A server that nobody else uses, since it is stopped and started."""
    with private_postgresql() as running:
        yield running


@pytest.fixture(scope="module")
def database(server: Postgresql) -> Iterator[Database]:
    with server.database() as made:
        yield made


@pytest.fixture(scope="module")
def url(server: Postgresql, database: Database) -> str:
    """As an administrator writes it: any driver, the certificate checked."""
    address = f"{database.owner}:{OWNER_PASSWORD}@127.0.0.1:{server.port}/{database.name}"
    return f"postgresql://{address}?sslmode=verify-full&sslrootcert={server.ca_file}"


@pytest.fixture(scope="module")
def settings(url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An office on it."""
    return settings_of(prepare_office(tmp_path_factory.mktemp("office"), store={"url": url}), store={"url": url})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings.store_url)
    yield opened
    opened.close()


def write(store: Store) -> None:
    with store.begin() as session:
        session.add(LetterRow(channel="public", state="draft", created_at=MONDAY))


def code_of(store: Store) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        write(store)
    assert OWNER_PASSWORD not in f"{refused.value!s} {refused.value.__cause__!s}"
    return refused.value.code


def test_a_page_says_that_the_database_is_away_and_works_again_when_it_is_back(
    server: Postgresql, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    core = build(settings, MovableClock())
    client = create_app(core).test_client()
    form = client.get("/masuk").get_data(as_text=True)
    token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    typed = {"csrf_token": token, "username": "head", "password": "salah sekali"}
    server.stop()
    try:
        answer = client.post("/masuk", data=typed)
        page = answer.get_data(as_text=True)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert "Basis data tidak menjawab" in page
        assert "tidak tersimpan separuh" in page
    finally:
        server.start()
    assert OWNER_PASSWORD not in caplog.text
    answer = client.post("/masuk", data=typed)
    assert answer.status_code not in (400, 500, 503)
    assert len(sign_in_failures(core)) == 1
    core.close()


def test_who_is_signed_in_is_told_too_that_the_database_is_away(server: Postgresql, settings: Settings) -> None:
    """The head of their pages comes from the database: who they are, and what waits for them."""
    core = build(settings, MovableClock())
    client = create_app(core).test_client()
    with core.context.store.begin() as session:
        head = session.scalars(select(OfficialRow.id).where(OfficialRow.username == "head")).one()
        token, _ = core.sessions.start(session, "official", head)
    client.set_cookie("pejabat", token)
    assert client.get("/pejabat-saya").status_code == 200
    server.stop()
    try:
        for path in ("/pejabat-saya", "/kotak-masuk/", "/no-such-page"):
            answer = client.get(path)
            assert answer.status_code == (404 if path == "/no-such-page" else 503), path
            assert "<h1>" in answer.text
    finally:
        server.start()
    assert client.get("/pejabat-saya").status_code == 200
    core.close()


def sign_in_failures(core: Provisioner) -> list[str]:
    with core.context.store.read() as session:
        return list(session.scalars(select(AuditRow.kind).where(AuditRow.kind == "official-sign-in-failed")))


def test_a_connection_that_breaks_before_the_commit_leaves_nothing(server: Postgresql, store: Store) -> None:
    with pytest.raises(StoreUnavailable) as refused, store.begin() as session:
        session.add(LetterRow(channel="public", state="draft", created_at=MONDAY))
        session.flush()
        server.restart()
        session.add(LetterRow(channel="public", state="draft", created_at=MONDAY))
        session.flush()
    assert refused.value.code == "store-away"
    write(store)


@pytest.mark.parametrize("kind", ["reading", "writing"])
def test_a_connection_that_the_clock_finds_broken_is_replaced(server: Postgresql, store: Store, kind: str) -> None:
    write(store)
    cut_every_connection(server)
    clock = store.server_clock()  # It asks over the next connection that is taken.
    unit_of_work(store, kind)
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["reading", "writing"])
def test_that_one_connection_after_another_breaks_is_told_as_away(server: Postgresql, store: Store, kind: str) -> None:
    @event.listens_for(store.engine, "checkout", insert=True)  # Before it is looked at.
    def cut(connection: psycopg.Connection, *_: object) -> None:
        cut_every_connection(server)
        with suppress(psycopg.OperationalError):
            connection.execute("SELECT 1")  # It knows now, as after an answer that never came.

    with pytest.raises(StoreUnavailable) as refused:
        unit_of_work(store, kind)
    assert (refused.value.code, OWNER_PASSWORD in str(refused.value.__cause__)) == ("store-away", False)
    event.remove(store.engine, "checkout", cut)
    unit_of_work(store, kind)


def unit_of_work(store: Store, kind: str) -> None:
    with store.read() if kind == "reading" else store.begin() as session:
        session.execute(select(LetterRow.id).limit(1))


def cut_every_connection(server: Postgresql) -> None:
    with server.superuser() as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


def test_a_commit_whose_answer_was_lost_is_in_doubt(server: Postgresql, store: Store) -> None:
    """Broken by the server's own hand in the midst of the commit: a deferred check ends the connection."""
    with server.superuser(_name(store)) as superuser:
        superuser.execute(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        superuser.execute(
            "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON letter DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION cut()"
        )
        try:
            assert code_of(store) == "store-in-doubt"
        finally:
            superuser.execute("DROP FUNCTION cut CASCADE")
    write(store)


def test_a_database_that_is_full_or_read_only_says_so(server: Postgresql, store: Store) -> None:
    with server.superuser(_name(store)) as superuser:
        superuser.execute(
            "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        superuser.execute("CREATE TRIGGER full_up BEFORE INSERT ON letter FOR EACH ROW EXECUTE FUNCTION full_up()")
        try:
            assert code_of(store) == "store-full"
        finally:
            superuser.execute("DROP FUNCTION full_up CASCADE")
        read_only = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
        superuser.execute(read_only.format(sql.Identifier(_name(store)), sql.SQL("on")))
        store.close()
        try:
            assert code_of(store) == "store-full"
        finally:
            superuser.execute(read_only.format(sql.Identifier(_name(store)), sql.SQL("off")))
            store.close()
    write(store)


def test_too_many_connections_are_busy_and_not_away(server: Postgresql, database: Database, store: Store) -> None:
    crowd = sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}")
    store.close()
    with server.superuser() as superuser, ExitStack() as closing:
        superuser.execute(crowd.format(sql.Identifier(database.owner), sql.Literal(1)))
        closing.enter_context(psycopg.connect(**database.parameters))
        try:
            assert code_of(store) == "store-busy"
        finally:
            superuser.execute(crowd.format(sql.Identifier(database.owner), sql.Literal(-1)))
    write(store)


def test_whoever_waits_too_long_for_a_row_is_told_to_try_again(url: str) -> None:
    first, second = Store(url), Store(f"{url}&options=-c%20lock_timeout%3D50ms")
    with first.begin() as session:
        session.add(LetterRow(id="one", channel="public", state="draft", created_at=MONDAY))
    with first.begin() as session:
        session.get_one(LetterRow, "one")
        with pytest.raises(StoreUnavailable) as refused, second.begin() as waiting:
            waiting.get_one(LetterRow, "one")
    assert refused.value.code == "store-busy"
    first.close()
    second.close()


def test_a_database_in_the_order_of_a_language_is_refused(server: Postgresql) -> None:
    """Lists would stand in another order than on SQLite, and pages would lose rows between two of them."""
    with server.superuser() as superuser:
        superuser.execute("CREATE DATABASE bahasa TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'id'")
        try:
            with pytest.raises(ConfigurationError, match="TEMPLATE template0"):
                migrate(f"postgresql://postgres@/bahasa?host={server.folder}&port={server.port}")
        finally:
            superuser.execute("DROP DATABASE bahasa WITH (FORCE)")


@pytest.mark.parametrize(
    "wrong", ["mysql://kantor:rahasia-sekali@x/y", "postgresql://kantor:rahasia-sekali@x:noport/y"]
)
def test_an_address_that_is_wrong_is_refused_without_its_password(wrong: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Store(wrong)
    assert "rahasia" not in f"{refused.value!s} {refused.value!r}"


def _name(store: Store) -> str:
    return str(store.engine.url.database)
