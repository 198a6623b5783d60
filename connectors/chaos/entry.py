"""One entry of the target, and how it stands in a row."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from connectors.kept_entry import KeptEntry
from provisioner.connector import Marker


class Entry(KeptEntry):
    """One entry as it is held while somebody reads or changes it."""

    def row(self) -> dict[str, Any]:
        """By column."""
        return {
            "remote_id": self.remote_id,
            "username": self.username,
            "marker": str(self.marker) if self.marker is not None else None,
            "account_id": self.marker.account_id if self.marker is not None else None,
            "enabled": self.enabled,
            "must_change": self.must_change,
            "verifier": self.verifier,
            "profile": json.dumps(self.profile),
            "entitlements": json.dumps(sorted(self.entitlements)),
            "open_sessions": self.open_sessions,
            "last_sign_in": self.last_sign_in.isoformat() if self.last_sign_in is not None else None,
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row."""
        return cls(
            username=row["username"],
            marker=Marker.parse(row["marker"]) if row["marker"] is not None else None,
            enabled=bool(row["enabled"]),
            must_change=bool(row["must_change"]),
            verifier=row["verifier"],
            profile=json.loads(row["profile"]),
            entitlements=set(json.loads(row["entitlements"])),
            open_sessions=row["open_sessions"],
            last_sign_in=datetime.fromisoformat(row["last_sign_in"]) if row["last_sign_in"] is not None else None,
            remote_id=row["remote_id"],
        )
