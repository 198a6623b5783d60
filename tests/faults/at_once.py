"""Everybody at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from provisioner.errors import ProvisionerError


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Everybody acts at the same instant; refusals are answers."""
    barrier = Barrier(len(acts))

    def acting(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except ProvisionerError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(acting, act) for act in acts]]
