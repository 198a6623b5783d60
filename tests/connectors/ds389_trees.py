"""What the tests of the connector for 389 Directory Server share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.ds389 import Ds389Connector
from provisioner.connector import ConnectorContext
from tests.servers.ds389 import Tree

__all__ = ["Tree", "connected"]


@contextmanager
def connected(tree: Tree, **overrides: Any) -> Iterator[Ds389Connector]:
    """A connector to this part of the directory, with other settings where they are given."""
    connector = Ds389Connector.from_settings(tree.settings(**overrides), ConnectorContext("direktori"))
    try:
        yield connector
    finally:
        connector.close()
