"""The private PostgreSQL that other tests build on."""

import psycopg
import pytest

from tests.servers.postgresql import Postgresql


def test_a_fresh_database_takes_its_owner_over_tls_and_is_gone_afterwards(postgresql_server: Postgresql) -> None:
    with postgresql_server.database() as database:
        with psycopg.connect(**database.parameters) as connection:
            tls = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
            assert tls == (True,)
            connection.execute("CREATE TABLE akun (nama text)")
        with pytest.raises(psycopg.OperationalError), psycopg.connect(**{**database.parameters, "sslmode": "disable"}):
            pass
    with postgresql_server.superuser() as connection:
        found = "SELECT FROM pg_database WHERE datname = %s UNION ALL SELECT FROM pg_roles WHERE rolname = %s"
        assert connection.execute(found, [database.name, database.owner]).rowcount == 0


def test_data_survives_a_crash_and_a_restart(postgresql_server: Postgresql) -> None:
    with postgresql_server.database() as database:
        with psycopg.connect(**database.parameters) as connection:
            connection.execute("CREATE TABLE akun (nama text)")
        postgresql_server.kill()
        postgresql_server.start()
        postgresql_server.restart()
        with psycopg.connect(**database.parameters) as connection:
            assert connection.execute("SELECT count(*) FROM akun").fetchone() == (0,)
