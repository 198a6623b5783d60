"""Accounts as users of a MariaDB server."""

from connectors.mariadb.connector import MariadbConnector
from connectors.mariadb.settings import MariadbSettings

__all__ = ["MariadbConnector", "MariadbSettings"]
