"""Signing the office's papers as PAdES, and telling what a signed file is worth.

The modules that need the PDF library are loaded when they are first used, as ``signing.pades`` and so on: loading them
takes a third of a second, and a service that starts does not sign.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioner.signing import certificates as certificates
    from provisioner.signing import fields as fields
    from provisioner.signing import inspection as inspection
    from provisioner.signing import pades as pades
    from provisioner.signing import validation_data as validation_data

LATE = ("certificates", "fields", "inspection", "pades", "validation_data")


def __getattr__(name: str) -> ModuleType:
    """Load one of :data:`LATE` (PEP 562); afterwards it is an ordinary attribute."""
    if name not in LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


def load_all() -> None:
    """Load what is loaded late, so that nobody waits for it."""
    for name in LATE:
        import_module(f"{__name__}.{name}")
