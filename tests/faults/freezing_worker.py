"""``provisioner work``, but it stops itself (SIGSTOP) right before one call to a system.

    python -m tests.faults.freezing_worker CONNECTOR_MODULE CLASS METHOD

Nothing of this is in the product: the point is chosen from outside.
"""

import os
import signal
import sys
from importlib import import_module
from typing import Any

from provisioner.cli import main


def _freeze_before(module: str, name: str, method: str) -> None:
    connector: Any = getattr(import_module(module), name)
    plain = getattr(connector, method)

    def frozen(*arguments: Any) -> Any:
        setattr(connector, method, plain)
        os.kill(os.getpid(), signal.SIGSTOP)
        return plain(*arguments)

    setattr(connector, method, frozen)


if __name__ == "__main__":
    _freeze_before(*sys.argv[1:4])
    main(["work"])
