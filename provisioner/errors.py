"""What the core can say no to. ``code`` is stable and turned into sentences by the front ends; ``data`` fills them in.

Never put a password, a ticket or a person's data into ``data``::

    ProvisionerError
    ├── ConfigurationError   settings, keys or data files are missing or wrong
    ├── InvalidInput         a value somebody gave is not acceptable; ``code`` says why
    └── SealBroken           sealed bytes cannot be opened: changed, or made for another purpose, key or context
"""


class ProvisionerError(Exception):
    """Root of the tree. ``str()`` is plain English, for logs and the command line."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data

    def __str__(self) -> str:
        details = ", ".join(f"{name} {value}" for name, value in self.data.items())
        sentence = self.code.replace("-", " ")
        return f"{sentence} ({details})" if details else sentence


class ConfigurationError(ProvisionerError):
    """Settings, keys or data files are missing or wrong."""


class InvalidInput(ProvisionerError):
    """A value somebody gave is not acceptable."""


class SealBroken(ProvisionerError):
    """Sealed bytes cannot be opened: changed, or made for another purpose, key or context."""
