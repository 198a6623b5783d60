"""One entry of the target, and how it stands in a row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import uuid4

from provisioner.connector import Marker, RemoteAccount


@dataclass
class Entry:
    """One entry as it is held while somebody reads or changes it."""

    username: str
    marker: Marker | None
    enabled: bool = True
    must_change: bool = False
    verifier: str | None = field(default=None, repr=False)
    profile: dict[str, str] = field(default_factory=dict)
    entitlements: set[str] = field(default_factory=set)
    open_sessions: int = 0
    last_sign_in: datetime | None = None
    remote_id: str = field(default_factory=lambda: uuid4().hex)

    def seen(self) -> RemoteAccount:
        """The entry as the core may see it."""
        return RemoteAccount(
            remote_id=self.remote_id,
            username=self.username,
            marker=self.marker,
            enabled=self.enabled,
            must_change=self.must_change,
            profile=dict(self.profile),
            entitlements=frozenset(self.entitlements),
        )

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
