"""The connector for 389 Directory Server (Red Hat Directory Server).

What the administrator must provide is told in ``docs/389ds.md`` and :mod:`connectors.ds389.settings`; how an entry is
removed on condition of its marker, in :mod:`connectors.ds389.removal`.
"""

from connectors.ds389.connector import Ds389Connector

__all__ = ["Ds389Connector"]
