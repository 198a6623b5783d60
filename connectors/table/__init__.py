"""Accounts as rows of a table in any database that SQLAlchemy reaches."""

from connectors.table.connector import TableConnector
from connectors.table.settings import TableSettings

__all__ = ["TableConnector", "TableSettings"]
