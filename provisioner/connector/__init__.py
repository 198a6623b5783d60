"""The port: what the core asks of a target (a directory, a database, a person at another system).

A connector is a class registered under the entry-point group ``provisioner.connectors``. It is built once per
target from that target's settings and a :class:`ConnectorContext`. Constructing it and validating its settings
never connects; :meth:`Connector.check` does. Every method may be called from several threads at once.

What a target can do beyond :class:`Connector` is told by small protocols that are found by ``isinstance``: a connector
implements those that its target can carry out.

Fencing happens here, at the target: every write is conditional on the marker that was read before
(:class:`RemoteAccount.marker`), so that a worker which slept through its lease cannot overwrite a newer state.

Errors are told by meaning, never the vendor's::

    ConnectorError
    ├── TargetUnavailable   cannot be reached, or answers "busy": try again later          (retryable)
    ├── InDoubt             no answer in time: it may or may not have happened; read again (retryable)
    ├── AccountExists       the name is taken; carries whose entry it is
    ├── UnknownAccount      the entry is not there
    ├── StaleVersion        the marker there is not the one that was read: somebody newer wrote
    ├── PermissionDenied    the target refuses us the right
    ├── PolicyViolation     the target's password policy refuses, or would not enforce the first change
    ├── InvalidAttribute    the target refuses a value
    ├── ChangesUnknown      the target cannot tell what changed since a cursor: read it in full
    └── ProtocolError       an answer that makes no sense, or one that no table entry knows
"""

from provisioner.connector.entry import MARKER_PREFIX, Changes, Marker, NewAccount, Profile, RemoteAccount, Verifier
from provisioner.connector.errors import (
    AccountExists,
    ChangesUnknown,
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PermissionDenied,
    PolicyViolation,
    ProtocolError,
    StaleVersion,
    TargetUnavailable,
    UnknownAccount,
)
from provisioner.connector.finding import SUBJECTS, Finding, Severity
from provisioner.connector.holding import Adopts, Entitles, EntitlesSeveral, Suspends
from provisioner.connector.password_rules import PasswordRules, ShowsPasswordRules
from provisioner.connector.passwords import MakesVerifiers, SetsPasswords, TakesVerifiers
from provisioner.connector.people import (
    AsksPeople,
    DutyOfficer,
    HasDutyOfficer,
    ListColumn,
    ReadsLists,
    Task,
    TaskBoard,
    TaskState,
)
from provisioner.connector.port import Connector, ConnectorContext, Limits
from provisioner.connector.reading import News, ReadsSeveral, Seen, Sought, TellsChanges
from provisioner.connector.signing_in import Authenticates, Authentication, EndsSessions, Outcome, ReportsSignIns

__all__ = [
    "MARKER_PREFIX",
    "SUBJECTS",
    "AccountExists",
    "Adopts",
    "AsksPeople",
    "Authenticates",
    "Authentication",
    "Changes",
    "ChangesUnknown",
    "Connector",
    "ConnectorContext",
    "ConnectorError",
    "DutyOfficer",
    "EndsSessions",
    "Entitles",
    "EntitlesSeveral",
    "Finding",
    "HasDutyOfficer",
    "InDoubt",
    "InvalidAttribute",
    "Limits",
    "ListColumn",
    "MakesVerifiers",
    "Marker",
    "NewAccount",
    "News",
    "Outcome",
    "PasswordRules",
    "PermissionDenied",
    "PolicyViolation",
    "Profile",
    "ProtocolError",
    "ReadsLists",
    "ReadsSeveral",
    "RemoteAccount",
    "ReportsSignIns",
    "Seen",
    "SetsPasswords",
    "Severity",
    "ShowsPasswordRules",
    "Sought",
    "StaleVersion",
    "Suspends",
    "TakesVerifiers",
    "TargetUnavailable",
    "Task",
    "TaskBoard",
    "TaskState",
    "TellsChanges",
    "UnknownAccount",
    "Verifier",
]
