"""Faults of the database itself: away, full, restarted, out of connections, or two units of work in each other's way.

None of them says anything about what was to be done: it may be tried again.
"""

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

STORE_TROUBLE = (OperationalError, InterfaceError, InternalError, NoConnection)
