"""Initial passwords on their way: several threads draw (and hash) them, and they are committed together.

What a commit costs is nearly the same for one as for sixteen, and hashing should have the processors to itself. So
slips are gathered while more are being drawn, and committed when there are enough, when nobody draws another one, or
when the first has waited long enough. A person who waits for one account never waits for others.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Lock
from time import monotonic

from provisioner.credential.issuing import Issuer, Order, Slip

_log = logging.getLogger(__name__)

_LOOK_AHEAD = 64
"""How many credentials to issue are asked for at once; whether one is still wanted is asked again at the commit."""

_TOGETHER = 16
_TOGETHER_SECONDS = 0.25


class Drawing:
    """Shared by the threads that draw. A slip that was not committed when the process ends was never used for anything:
    its credential is still wanted.
    """

    def __init__(self, issuer: Issuer, at_once: int, committed: Callable[[], None]) -> None:
        """``at_once``: passwords that may be hashed at the same time. ``committed`` is called after every commit that
        issued something.
        """
        self._issuer = issuer
        self._hashing = BoundedSemaphore(at_once)
        self._committed = committed
        self._lock = Lock()
        self._ahead: deque[Order] = deque()
        self._taken: set[str] = set()
        """Ids of credentials that were taken and are not committed yet."""
        self._drawn: list[Slip] = []
        self._committing = 0
        """How many of those taken are on their way into the store."""
        self._first_at = 0.0

    def draw_one(self) -> bool:
        """Draw what is next, and commit when it is time to. False: nothing is wanted."""
        order = self._next()
        if order is None:
            # Whoever drew last may have expected another who then had nothing to draw, or could not.
            self._commit(self._left_over())
            return False
        try:
            with self._hashing:
                slip = self._issuer.draw(order)
        except BaseException:
            self._forget([order])
            raise
        self._commit(self._gathered(slip))
        return True

    def finish(self) -> None:
        """Commit what was drawn and not committed. Meant for when nobody draws any more."""
        with self._lock:
            slips = self._handed_over()
        self._commit(slips)

    def _next(self) -> Order | None:
        with self._lock:
            if not self._ahead:
                orders = self._issuer.orders(len(self._taken) + _LOOK_AHEAD)
                self._ahead.extend(each for each in orders if each.credential_id not in self._taken)
            if not self._ahead:
                return None
            order = self._ahead.popleft()
            self._taken.add(order.credential_id)
            return order

    def _gathered(self, slip: Slip) -> Sequence[Slip]:
        """What is to be committed now."""
        with self._lock:
            if not self._drawn:
                self._first_at = monotonic()
            self._drawn.append(slip)
            others = self._being_drawn() or bool(self._ahead)
            enough = len(self._drawn) >= _TOGETHER or monotonic() - self._first_at > _TOGETHER_SECONDS
            if others and not enough:
                return ()
            return self._handed_over()

    def _left_over(self) -> Sequence[Slip]:
        """What was gathered for others to come, where nobody draws any more."""
        with self._lock:
            return self._handed_over() if self._drawn and not self._being_drawn() else ()

    def _being_drawn(self) -> bool:
        return len(self._taken) > len(self._drawn) + self._committing

    def _handed_over(self) -> Sequence[Slip]:
        slips, self._drawn = self._drawn, []
        self._committing += len(slips)
        return slips

    def _commit(self, slips: Sequence[Slip]) -> None:
        if not slips:
            return
        try:
            issued = self._issued(slips)
        finally:
            with self._lock:
                self._committing -= len(slips)
                self._taken.difference_update(slip.order.credential_id for slip in slips)
        if issued:
            self._committed()

    def _issued(self, slips: Sequence[Slip]) -> int:
        """Together; when that fails, one by one, so that one which cannot be issued does not hold back the others."""
        try:
            return self._issuer.commit(slips)
        except Exception as error:
            if len(slips) == 1:
                raise
            _log.error("issuing %d passwords together met %s", len(slips), type(error).__name__)
        issued, fault = 0, None
        for slip in slips:
            try:
                issued += self._issuer.commit([slip])
            except Exception as error:
                fault = error
        if fault is not None and not issued:
            raise fault
        return issued

    def _forget(self, orders: Sequence[Order]) -> None:
        with self._lock:
            self._taken.difference_update(order.credential_id for order in orders)
