"""The comment on a role: the marker, and after it what is kept of the person's profile.

``siak-provisioner:<account>:<version>:<generation> {"full_name": "Dewi Lestari", "role": "OPERATOR_DAFDUK"}``

Only who may create roles may write it, not the role itself. It belongs to the role, so it is renamed, dropped, rolled
back and dumped (``pg_dumpall``) with it. Everybody may read it, hence the short profile.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.connector import Marker, Profile


@dataclass(frozen=True)
class Comment:
    """A comment of ours."""

    marker: Marker
    profile: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        # Escapes keep it ASCII: comments are the server's, and its databases may have different encodings.
        return f"{self.marker} {json.dumps(dict(self.profile), ensure_ascii=True, sort_keys=True)}"

    @classmethod
    def parse(cls, text: str | None) -> "Comment | None":
        """None when it is not one of ours. A profile that somebody has spoilt reads as empty and is written anew."""
        marker_text, _, profile_text = (text or "").partition(" ")
        marker = Marker.parse(marker_text)
        if marker is None:
            return None
        try:
            profile = json.loads(profile_text)
        except (ValueError, RecursionError):
            profile = None
        pairs = profile.items() if isinstance(profile, dict) else ()
        return cls(marker, {name: value for name, value in pairs if isinstance(value, str)})


def kept(profile: Profile, names: list[str]) -> dict[str, str]:
    """The fields of a profile that go into the comment."""
    return {name: getattr(profile, name) for name in names}
