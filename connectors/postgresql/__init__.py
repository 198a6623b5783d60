"""Accounts as login roles of a PostgreSQL server."""

from connectors.postgresql.connector import PostgresqlConnector
from connectors.postgresql.settings import PostgresqlSettings

__all__ = ["PostgresqlConnector", "PostgresqlSettings"]
