"""A target that lives in this process only: for tests and demonstrations."""

from connectors.memory.connector import MemoryConnector
from connectors.memory.settings import MemorySettings

__all__ = ["MemoryConnector", "MemorySettings"]
