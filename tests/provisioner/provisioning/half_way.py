"""Destroys one approved case and halts when everything about the second is written but not committed: to be killed."""

import sys
import time
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy.orm import Session

from provisioner.bootstrap import build
from provisioner.provisioning.destroying import Destroying
from tests.office import MovableClock, settings_of


def main() -> None:
    """``FOLDER NOW``."""
    core = build(settings_of(Path(sys.argv[1])), MovableClock(datetime.fromisoformat(sys.argv[2])))
    numbers = count(1)

    def halt(_session: Session) -> None:
        if next(numbers) == 2:
            sys.stdout.write("half way\n")
            sys.stdout.flush()
            time.sleep(600)

    core.context.store.before_commit(halt)
    destroying = Destroying(core.context, core.retention, core.papers)
    while destroying.destroy_next():
        pass


if __name__ == "__main__":
    main()
