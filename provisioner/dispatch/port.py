"""The port that every engine fills: who does the work. Who is woken when the office decides something is told by a
:class:`~provisioner.dispatch.wakeup.WakeUp`, of which each engine has its own.

An engine only decides who looks, and when. What there is to do, and who may do it, stands in the store: links and
credentials are claimed there with a lease, whatever the engine. So a wake-up is a hint that may be lost or doubled, and
every engine also looks by itself every few seconds.
"""

from typing import Protocol


class Runner(Protocol):
    """Issues passwords, converges links and does the duties."""

    def start(self) -> None:
        """Begin to work, in threads. :raises WrongState: ``runner-already-running``, where there may be only one."""
        ...

    def stop(self, timeout: float | None = None) -> bool:
        """Finish what is in hand, hand back what is not begun. False: something was not finished after ``timeout``
        seconds (None: as the settings say); it is taken over when its lease is over.
        """
        ...

    def drain(self, rounds: int = 100) -> None:
        """Do everything that is due now in this thread, and return. Meant for commands and tests.

        :raises WrongState: ``runner-already-running``, where there may be only one: that one does the work.
        """
        ...
