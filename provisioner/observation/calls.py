"""Calls to targets: counted, timed, and a line in the log for each, with the reference of what it was made for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from provisioner.connector import ConnectorError
from provisioner.observation.observer import Observer

_log = logging.getLogger(__name__)

READS = frozenset({"find", "get", "read_several", "search", "changes", "check", "authenticate"})
"""Calls that change nothing: their lines are for who looks closely (level ``debug``)."""


@contextmanager
def observed(observer: Observer, target: str, call: str, account_id: str | None = None) -> Iterator[None]:
    """One call to a target, named as the port names it. Errors go through; of a fault that is none of the port's errors
    only the kind is told: a driver's text may quote values.
    """
    begun = perf_counter()
    error: str | None = None
    try:
        yield
    except ConnectorError as refused:
        error = type(refused).__name__
        raise
    except Exception:
        error = "fault"
        raise
    finally:
        seconds = perf_counter() - begun
        observer.called(target, call, seconds, error)
        level = logging.WARNING if error else logging.DEBUG if call in READS else logging.INFO
        if _log.isEnabledFor(level):
            told = {"target": target, "call": call, "account": account_id, "seconds": round(seconds, 4), "error": error}
            _log.log(level, "target called", extra={"facts": told})
