"""How fast roles are made through the connector, against the same statements typed into the raw driver.

The server computes each verifier once more when it stores it, so that cost is on both sides. Both take turns in one
run, over TLS, each on one connection; the raw side makes a role with verifier and comment in one transaction, reads
nothing before and nothing after.
"""

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from connectors.postgresql import PostgresqlConnector
from connectors.postgresql.comment import Comment, kept
from provisioner.connector import ConnectorContext, Marker, NewAccount, Profile, Verifier
from tests.benchmarks.figures import Results
from tests.benchmarks.turns import Turns
from tests.servers.postgresql import Postgresql
from tests.servers.role_server import GROUPS, SERVICE, SERVICE_PASSWORD, role_server

pytestmark = pytest.mark.benchmark
ROLES = 30
ROUNDS = 41
DEWI = Profile("Dewi Lestari Handayani", "Dewi Lestari Handayani, A.Md.", "OPERATOR_DAFDUK", "35.76.02")


def test_roles_made_by_the_connector_against_the_raw_driver(
    postgresql_server: Postgresql, tmp_path: Path, results: Results
) -> None:
    with role_server(postgresql_server, tmp_path) as target:
        connector = PostgresqlConnector.from_settings(target.settings(), ConnectorContext("basisdata"))
        parameters = postgresql_server.parameters(SERVICE, SERVICE_PASSWORD)
        with psycopg.connect(**parameters, autocommit=True) as raw:
            verifier = connector.make_verifier("Kx7M-tR4w-Zp9N-aB3e-9Qch")
            names = (f"operator{number:06d}" for number in count())

            def rate(side: Callable[[NewAccount], object]) -> float:
                measured = _rate(side, names.__next__, verifier, ROLES)
                # Every round finds the server alike: looking for a name in any case reads all names there are.
                target.clear(but=(SERVICE, *GROUPS))
                target.execute("VACUUM pg_authid, pg_shdescription")
                return measured

            turns = Turns.take(lambda: rate(connector.create), lambda: rate(lambda new: _create(raw, new)), ROUNDS)
        connector.close()
    turns.report(results, "roles", "raw psycopg", "PostgreSQL")


def _rate(side: Callable[[NewAccount], object], name: Callable[[], str], verifier: Verifier, roles: int) -> float:
    accounts = [NewAccount(name(), Marker(uuid4().hex, 1), DEWI, verifier, must_change=False) for _ in range(roles)]
    started = time.perf_counter()
    for new in accounts:
        side(new)
    return roles / (time.perf_counter() - started)


def _create(raw: psycopg.Connection[tuple[object, ...]], new: NewAccount) -> None:
    name, text = sql.Identifier(new.username), new.verifier.text if new.verifier else ""
    with raw.transaction():
        raw.execute(
            sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT -1 PASSWORD {} VALID UNTIL 'infinity'").format(name, text)
        )
        comment = Comment(new.marker, kept(new.profile, ["full_name", "role", "region"]))
        raw.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(name, str(comment)))
