"""What the core refuses, told by meaning. Front ends turn ``code`` and ``data`` into words of the reader's language.

::

    ProvisionerError
    ├── NotAllowed            this person may not do or see this (role, own request, second step of one request)
    ├── NotFound              no such thing, or none this person may know of
    ├── InvalidInput          fields with reasons; nothing was kept
    ├── WrongState            the step is out of order or was already taken; carries what is the case now
    ├── Conflict              collides with something that exists (live account, open request, name taken)
    ├── AuthenticationFailed  wrong name, password or second factor; never says which
    ├── LockedOut             too many failures; carries until when
    ├── TooMany               a rate limit; carries when to come back
    ├── SealBroken            sealed bytes cannot be opened: changed, or another purpose, key or context
    ├── StoreUnavailable      the database cannot work now: away, busy, full; the unit of work left nothing behind
    └── ConfigurationError    a settings, key or data file is wrong; carries file, line and reason
"""

from collections.abc import Mapping, Sequence
from typing import Any


class ProvisionerError(Exception):
    """A refusal of the core.

    ``code`` is a stable word in kebab case; ``data`` holds what a sentence needs. Both are free of secrets and of
    personal data. ``str()`` is an English sentence for logs and the command line.
    """

    def __init__(self, code: str, message: str = "", **data: Any) -> None:
        details = ", ".join(f"{name} {value}" for name, value in data.items())
        sentence = message or code.replace("-", " ")
        super().__init__(f"{sentence} ({details})" if details else sentence)
        self.code = code
        self.data: Mapping[str, Any] = data


class NotAllowed(ProvisionerError):
    """This person may not do or see this."""


class NotFound(ProvisionerError):
    """No such thing, or none this person may know of."""


class InvalidInput(ProvisionerError):
    """Input that cannot be accepted: ``InvalidInput("too-long")`` for one value, or several fields with their codes.

    ``fields`` maps a field's name to the codes of what is wrong with it.
    """

    def __init__(
        self, code: str = "invalid-input", *, fields: Mapping[str, Sequence[str]] | None = None, **data: Any
    ) -> None:
        self.fields: Mapping[str, Sequence[str]] = fields or {}
        reasons = "; ".join(f"{name}: {', '.join(codes)}" for name, codes in self.fields.items())
        super().__init__(code, reasons, **data)


class WrongState(ProvisionerError):
    """The step is out of order, or somebody already took it."""


class ChangedMeanwhile(WrongState):
    """``changed-meanwhile``: what a unit of work had read was changed by another before it was written. Nothing was
    kept; done once more it reads what is there now.
    """

    def __init__(self) -> None:
        super().__init__("changed-meanwhile")


class Conflict(ProvisionerError):
    """Collides with something that exists."""


class AuthenticationFailed(ProvisionerError):
    """Wrong name, password or second factor; never says which."""


class LockedOut(ProvisionerError):
    """Too many failures; ``data["until"]`` says how long."""


class TooMany(ProvisionerError):
    """A rate limit; ``data["until"]`` says when to come back."""


class SealBroken(ProvisionerError):
    """Sealed bytes cannot be opened: changed, or made for another purpose, key or context."""


class StoreUnavailable(ProvisionerError):
    """The database cannot do its work now. The unit of work left nothing behind, and may be tried again:

    ``store-away`` (does not answer), ``store-busy`` (too many at once, or two that waited for each other),
    ``store-full`` (cannot write: no room, or read only). Only ``store-in-doubt`` is otherwise: the answer to the
    commit was lost, so that it must be looked up whether the change was kept.
    """


class ConfigurationError(ProvisionerError):
    """A settings, key or data file is wrong. ``str()`` reads ``file:line: reason``."""

    def __init__(self, file: str, reason: str, line: int | None = None) -> None:
        super().__init__("configuration", f"{file}:{line}: {reason}" if line else f"{file}: {reason}")
        self.file, self.line, self.reason = file, line, reason
