"""A system that only people can operate: the connector pins cards to the core's task board."""

from connectors.manual.connector import ManualConnector
from connectors.manual.settings import ManualSettings

__all__ = ["ManualConnector", "ManualSettings"]
