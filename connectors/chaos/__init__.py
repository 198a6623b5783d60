"""A small target in a file that misbehaves on purpose, by a plan that can be repeated: for tests and rehearsals."""

from connectors.chaos.connector import ChaosConnector
from connectors.chaos.fault import Fault, PlannedFault
from connectors.chaos.settings import ChaosSettings

__all__ = ["ChaosConnector", "ChaosSettings", "Fault", "PlannedFault"]
