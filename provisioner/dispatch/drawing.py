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

_CLAIMED_FOR_EACH = 8
"""How many a worker claims for each that it can hash at a time: few enough that others are not left without, and drawn
long before the claim is over.
"""

_TOGETHER = 16
_TOGETHER_SECONDS = 0.25
_BEHIND_SECONDS = 1.0
"""How long the first waits while so many more are wanted that they could not be drawn in that time anyway."""


class Drawing:
    """Shared by the threads that draw. A slip that was not committed when the process ends was never used for anything:
    its credential is still wanted.
    """

    def __init__(self, issuer: Issuer, at_once: int, committed: Callable[[], None], *, shared: bool = False) -> None:
        """``at_once``: passwords that may be hashed at the same time. ``committed`` is called after every commit that
        issued something. ``shared``: other processes draw too, so what is drawn here is claimed before.
        """
        self._issuer = issuer
        self._shared = shared
        self._claimed_at_once = _CLAIMED_FOR_EACH * at_once
        self._hashing = BoundedSemaphore(at_once)
        self._committed = committed
        self._lock = Lock()
        self._ahead: deque[Order] = deque()
        self._taken: set[str] = set()
        """Ids of credentials that were taken and are not committed yet."""
        self._being_drawn = 0
        self._drawn: list[Slip] = []
        self._first_at = 0.0

    def draw_one(self) -> bool:
        """Draw what is next, and commit when it is time to. False: nothing is wanted."""
        order = self._next()
        if order is None:
            return False
        try:
            with self._hashing:
                slip = self._issuer.draw(order)
        except BaseException:
            self._forget([order])
            if self._shared:
                self._issuer.give_back([order])
            self._commit(self._gathered(None))  # Others may have waited for this one.
            raise
        self._commit(self._gathered(slip))
        return True

    def finish(self) -> None:
        """Commit what was drawn and not committed, and give back what was not drawn. Meant for when nobody draws any
        more.
        """
        with self._lock:
            slips, self._drawn = self._drawn, []
            left = list(self._ahead)
            self._ahead.clear()
        if self._shared and left:
            self._issuer.give_back(left)
        self._commit(slips)

    def _next(self) -> Order | None:
        with self._lock:
            if not self._ahead:
                self._ahead.extend(self._found())
            if not self._ahead:
                return None
            order = self._ahead.popleft()
            self._taken.add(order.credential_id)
            self._being_drawn += 1
            return order

    def _found(self) -> list[Order]:
        if self._shared:
            return self._issuer.claim(self._claimed_at_once)
        orders = self._issuer.orders(len(self._taken) + _LOOK_AHEAD)
        return [each for each in orders if each.credential_id not in self._taken]

    def _gathered(self, slip: Slip | None) -> Sequence[Slip]:
        """A slip is drawn (None: it could not be). What is to be committed now."""
        with self._lock:
            self._being_drawn -= 1
            if slip is not None:
                self._first_at = self._first_at if self._drawn else monotonic()
                self._drawn.append(slip)
            # Not those that another thread is committing: they will not come by here again.
            others = self._being_drawn or self._ahead
            patience = _BEHIND_SECONDS if len(self._ahead) >= _TOGETHER else _TOGETHER_SECONDS
            enough = len(self._drawn) >= _TOGETHER or monotonic() - self._first_at > patience
            if others and not enough:
                return ()
            slips, self._drawn = self._drawn, []
            return slips

    def _commit(self, slips: Sequence[Slip]) -> None:
        if not slips:
            return
        try:
            issued = self._issued(slips)
        finally:
            self._forget([slip.order for slip in slips])
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
