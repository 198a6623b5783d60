"""Our own table on the server: which version of an account was last applied, and what a user has no field for."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from uuid import uuid4

from connectors.mariadb.line import Line
from connectors.mariadb.settings import MariadbSettings
from provisioner.connector import Marker, Profile, StaleVersion

_COLUMNS = "account_id, remote_id, version, generation, profile"


@dataclass(frozen=True)
class Row:
    """What the table says of one account."""

    marker: Marker
    remote_id: str
    profile: Mapping[str, str]


class Ledger:
    """A user without a row is one of ours whose row was lost: it counts as version 0."""

    def __init__(self, settings: MariadbSettings) -> None:
        self._fields = settings.profile
        # Their pattern (see the settings) leaves nothing that quoting would have to deal with.
        self._table = f"`{settings.db_schema}`.`{settings.table}`"
        self._ready = not settings.create_tables
        self._guard = Lock()

    def prepare(self, line: Line) -> None:
        """Create the table where the settings ask for that."""
        with self._guard:
            if self._ready:
                return
            line.change(
                "creating the table",
                f"CREATE TABLE IF NOT EXISTS {self._table} ("
                "account_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, "
                "remote_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
                "version INT UNSIGNED NOT NULL, generation INT UNSIGNED NOT NULL, "
                "profile MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL) ENGINE=InnoDB",
            )
            self._ready = True

    def rows(self, line: Line, account_ids: Collection[str]) -> dict[str, Row]:
        """By account id."""
        if not account_ids:
            return {}
        statement = f"SELECT {_COLUMNS} FROM {self._table} WHERE account_id IN %s"  # noqa: S608
        found = line.rows("reading our table", statement, sorted(account_ids))
        return {
            account_id: Row(Marker(account_id, version, generation), remote_id, json.loads(profile))
            for account_id, remote_id, version, generation, profile in found
        }

    def claim(self, line: Line, marker: Marker, profile: Profile) -> None:
        """Write the row of an account that has no user yet, over what an attempt left that never got to its user."""
        self._replace(line, marker, uuid4().hex, self.kept(profile))

    def claim_adopted(self, line: Line, marker: Marker, remote_id: str) -> None:
        """The same for a user that is there and is to become ours. Nothing is known of the person yet."""
        self._replace(line, marker, remote_id, {})

    def advance(self, line: Line, read: Row, marker: Marker, profile: Profile | None) -> None:
        """Replace what was read.

        :raises StaleVersion: the table says something else by now.
        """
        kept = dict(read.profile) if profile is None else self.kept(profile)
        if read.marker.version == 0:
            self._replace(line, marker, read.remote_id, kept)
            return
        met = line.change(
            "writing our table",
            f"UPDATE {self._table} SET version = %s, generation = %s, profile = %s "  # noqa: S608
            "WHERE account_id = %s AND remote_id = %s AND version = %s AND generation = %s",
            *(marker.version, marker.generation, json.dumps(kept)),
            *(marker.account_id, read.remote_id, read.marker.version, read.marker.generation),
        )
        if met != 1:
            raise StaleVersion("the entry's marker is not the one that was read")

    def forget(self, line: Line, account_id: str) -> None:
        """Remove the row."""
        line.change("writing our table", f"DELETE FROM {self._table} WHERE account_id = %s", account_id)  # noqa: S608

    def kept(self, profile: Profile) -> dict[str, str]:
        """What the table keeps of a person."""
        values = asdict(profile)
        return {name: values[name] for name in self._fields}

    def seen(self, row: Row | None) -> dict[str, str]:
        """The same as it was read; what it does not know is empty, as all of a stranger is."""
        kept = row.profile if row is not None else {}
        return {name: kept.get(name, "") for name in self._fields}

    def _replace(self, line: Line, marker: Marker, remote_id: str, kept: Mapping[str, str]) -> None:
        values = (marker.account_id, remote_id, marker.version, marker.generation, json.dumps(kept))
        statement = f"REPLACE INTO {self._table} ({_COLUMNS}) VALUES %s"  # noqa: S608
        line.change("writing our table", statement, values)
