"""The audit trail: append-only, chained, verifiable without the database."""

from provisioner.audit.entry import Actor, AuditEntry, Subjects
from provisioner.audit.events import UnknownEvent
from provisioner.audit.head import Anchor, AnchorBook, Head
from provisioner.audit.search import Filters, Page
from provisioner.audit.trail import AuditTrail

__all__ = [
    "Actor",
    "Anchor",
    "AnchorBook",
    "AuditEntry",
    "AuditTrail",
    "Filters",
    "Head",
    "Page",
    "Subjects",
    "UnknownEvent",
]
