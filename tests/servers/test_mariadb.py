"""The private MariaDB that other tests build on."""

from contextlib import closing

import pymysql
import pytest

from tests.servers.mariadb import Mariadb


def test_a_fresh_database_takes_its_owner_over_tls_and_is_gone_afterwards(mariadb_server: Mariadb) -> None:
    with mariadb_server.database() as database:
        with closing(pymysql.connect(**database.parameters)) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
            assert str(cursor.fetchall()[0][1]).startswith("TLSv1.")
            cursor.execute("CREATE TABLE akun (nama TEXT)")
        with pytest.raises(pymysql.err.OperationalError):
            pymysql.connect(**{**database.parameters, "ssl": None, "ssl_disabled": True})
    assert (database.name,) not in mariadb_server.execute("SHOW DATABASES")
    assert (database.owner,) not in mariadb_server.execute("SELECT User FROM mysql.global_priv")


def test_data_survives_a_crash_and_a_restart(mariadb_server: Mariadb) -> None:
    with mariadb_server.database() as database:
        mariadb_server.execute(f"CREATE TABLE {database.name}.akun (nama TEXT)")
        mariadb_server.kill()
        mariadb_server.start()
        mariadb_server.restart()
        assert mariadb_server.execute(f"SHOW TABLES FROM {database.name}") == [("akun",)]
