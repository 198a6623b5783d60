"""What every page says about the office it belongs to."""

from dataclasses import dataclass
from typing import Self

from provisioner.office import Office
from provisioner.procedure import Procedure

PRODUCT = "Akses SIAK"


@dataclass(frozen=True)
class Site:
    """Names at the head and the foot of a page."""

    product: str
    name: str
    address: str
    procedure: str
    demo: bool

    @classmethod
    def of(cls, office: Office, procedure: Procedure, demo: bool) -> Self:
        """From the office's own files."""
        return cls(PRODUCT, office.name, office.address, procedure.number, demo)
