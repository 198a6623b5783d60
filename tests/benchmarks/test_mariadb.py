"""How fast users and rows are made in MariaDB through the connectors, against the same writes by the raw driver.

Both take turns in one run, over TLS, each on one connection; the raw side reads nothing before and nothing after.
"""

import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from uuid import uuid4

import pymysql
import pytest

from connectors.contract import cheap_argon2id
from connectors.mariadb import MariadbConnector, marked
from connectors.table import TableConnector
from provisioner.connector import ConnectorContext, Marker, NewAccount, Profile, Verifier
from tests.benchmarks.figures import Results
from tests.benchmarks.turns import Turns
from tests.connectors.subjects import SERVED_TABLE, mariadb_address
from tests.servers import mariadb as mariadb_server_module
from tests.servers.mariadb import Mariadb
from tests.servers.user_server import SERVICE, SERVICE_PASSWORD, user_server

pytestmark = pytest.mark.benchmark
ACCOUNTS = 30
ROUNDS = 21
PASSWORD = "Kx7M-tR4w-Zp9N-aB3e-9Qch"
DEWI = Profile("Dewi Lestari Handayani", "Dewi Lestari Handayani, A.Md.", "OPERATOR_DAFDUK", "35.76.02")


def test_users_made_by_the_connector_against_the_raw_driver(
    mariadb_server: Mariadb, tmp_path: Path, results: Results
) -> None:
    """Each user is two writes on both sides: the row that holds the version, and the user."""
    with user_server(mariadb_server, tmp_path) as target:
        connector = MariadbConnector.from_settings(target.settings(), ConnectorContext("basisdata"))
        verifier = connector.make_verifier(PASSWORD)
        connector.get("nobody")  # Makes the table.
        with closing(pymysql.connect(**mariadb_server.parameters(SERVICE, SERVICE_PASSWORD), autocommit=True)) as raw:

            def plain(new: NewAccount) -> None:
                with raw.cursor() as cursor:
                    row = (new.marker.account_id, uuid4().hex, 1, 0, "{}")
                    cursor.execute("REPLACE INTO siak_provisioner.accounts VALUES %s", (row,))
                    ways = "IDENTIFIED VIA ed25519 USING %s OR mysql_native_password USING %s"
                    cursor.execute(
                        f"CREATE USER %s@%s {ways} REQUIRE SSL PASSWORD EXPIRE ACCOUNT UNLOCK",
                        (new.username, "%", verifier.text, marked.carrier(new.marker.account_id)),
                    )

            def clear(names: list[str]) -> None:
                target.execute("DROP USER " + ", ".join(["%s"] * len(names)), *names)
                target.execute("DELETE FROM siak_provisioner.accounts")

            turns = _turns(connector.create, plain, verifier, clear)
        connector.close()
    turns.report(results, "users", "raw PyMySQL", "MariaDB", goal=None)


def test_rows_made_by_the_connector_against_the_raw_driver(
    mariadb_database: tuple[Mariadb, str], tmp_path: Path, results: Results
) -> None:
    """The connector ``table``: a row, and a look at it before the transaction ends."""
    server, name = mariadb_database
    settings = {**mariadb_address(server, name, tmp_path), **SERVED_TABLE, "create_tables": True}
    connector = TableConnector.from_settings(settings, ConnectorContext("layanan"))
    connector.get("nobody")  # Makes the tables.
    verifier = cheap_argon2id(PASSWORD)
    owner = server.parameters(name, mariadb_server_module.OWNER_PASSWORD, name)
    with closing(pymysql.connect(**owner, autocommit=True)) as raw:

        def plain(new: NewAccount) -> None:
            profile = (DEWI.full_name, DEWI.display_name, DEWI.role, DEWI.region, "", "", "")
            marker = (new.marker.account_id, new.marker.version, new.marker.generation)
            values = (new.username, new.enabled, new.must_change, verifier.text, *marker, *profile)
            with raw.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO pengguna (nama_pengguna, aktif, must_change, verifier, provisioner_account, "
                    "provisioner_version, provisioner_generation, full_name, display_name, role, region, org_unit, "
                    "position, valid_until) VALUES %s",
                    (values,),
                )

        def clear(_names: list[str]) -> None:
            with raw.cursor() as cursor:
                cursor.execute("DELETE FROM pengguna")

        turns = _turns(connector.create, plain, verifier, clear)
    connector.close()
    turns.report(results, "rows", "raw PyMySQL", "a table on MariaDB", goal=None)


def _turns(
    ours: Callable[[NewAccount], object],
    raw: Callable[[NewAccount], object],
    verifier: Verifier,
    clear: Callable[[list[str]], None],
) -> Turns:
    """``clear`` removes these again: every round finds the server alike, since looking for a name reads all names."""
    names = (f"operator{number:06d}" for number in count())

    def rate(side: Callable[[NewAccount], object]) -> float:
        accounts = [
            NewAccount(next(names), Marker(uuid4().hex, 1), DEWI, verifier, must_change=True) for _ in range(ACCOUNTS)
        ]
        started = time.perf_counter()
        for new in accounts:
            side(new)
        took = time.perf_counter() - started
        clear([new.username for new in accounts])
        return ACCOUNTS / took

    return Turns.take(lambda: rate(ours), lambda: rate(raw), ROUNDS)
