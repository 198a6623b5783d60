"""Old and new processes side by side over one change of the schema: when they may be, and who has to stop first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.errors import WrongState
from provisioner.provisioning.processes import everybody
from provisioner.settings import Settings
from provisioner.store import Store
from provisioner.store.migration import Guard, Step, steps_to_come
from provisioner.store.schema import revision_of

_FIRST_WITH_PROCESSES = "0018"
"""From this revision on every process that works with the store is entered there."""


@dataclass(frozen=True)
class Upgrade:
    """What ``provisioner init`` has to do to the schema, and who is in its way."""

    steps: Sequence[Step]
    in_the_way: Sequence[str]
    """Processes that cannot stand one of the steps, by name. Empty: it may run now."""

    @property
    def breaking(self) -> Sequence[Step]:
        """Steps that no process of the release before may see."""
        return [each for each in self.steps if not each.beside_old]


def upgrade_to_come(settings: Settings, store: Store) -> Upgrade:
    """What is to be done, and whether it may be done now."""
    steps = steps_to_come(store)
    with store.engine.connect() as connection:
        return Upgrade(steps, _in_the_way(settings, connection, steps))


def nobody_in_the_way(settings: Settings) -> Guard:
    """For :func:`~provisioner.store.migration.migrate`, which asks it in the transaction that changes the schema: who
    begins to work meanwhile waits, and then finds a schema it does not know.

    The guard raises WrongState, ``processes-alive``: old processes live, and the schema has to change under them.
    """

    def guard(connection: Connection, steps: Sequence[Step]) -> None:
        upgrade = Upgrade(steps, _in_the_way(settings, connection, steps))
        if upgrade.in_the_way:
            raise WrongState(
                "processes-alive",
                "processes of the release before still run, and this change of the database would break them: stop "
                "them first; if they are gone already, say --stop-confirmed",
                running="; ".join(upgrade.in_the_way),
                changes=", ".join(f"{each.revision} {each.title}" for each in upgrade.breaking),
            )

    return guard


def _in_the_way(settings: Settings, connection: Connection, steps: Sequence[Step]) -> Sequence[str]:
    before, breaking = revision_of(connection), [each.revision for each in steps if not each.beside_old]
    if before is None or not breaking:
        return ()
    if before >= _FIRST_WITH_PROCESSES:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE process IN SHARE MODE"))
        living = [each for each in everybody(Session(connection)) if not each.missed]
        return [f"{each.name}, release {each.release}" for each in living if each.revision < breaking[-1]]
    try:
        # Releases that enter no process: on one machine at least the runner's lock tells of them.
        LockFile(settings.path(RUNNER_LOCK)).refuse_if_held()
    except WrongState:
        return ["provisioner serve on this machine"]
    return ()
