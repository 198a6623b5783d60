"""The comment on a role: the marker, and after it what is kept of the person's profile.

``siak-provisioner:<account>:<version>:<generation> {"full_name": "Dewi Lestari", "role": "OPERATOR_DAFDUK"}``

A role that was taken over keeps the comment it had before, as a JSON string behind that.

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
    before: str = ""
    """What somebody else had written there before the role became ours."""

    def __str__(self) -> str:
        # Escapes keep it ASCII: comments are the server's, and its databases may have different encodings.
        text = f"{self.marker} {json.dumps(dict(self.profile), ensure_ascii=True, sort_keys=True)}"
        return f"{text} {json.dumps(self.before, ensure_ascii=True)}" if self.before else text

    @classmethod
    def parse(cls, text: str | None) -> "Comment | None":
        """None when it is not one of ours. A profile that somebody has spoilt reads as empty and is written anew."""
        marker_text, _, rest = (text or "").partition(" ")
        marker = Marker.parse(marker_text)
        if marker is None:
            return None
        profile, rest = _first(rest)
        before, _ = _first(rest)
        pairs = profile.items() if isinstance(profile, dict) else ()
        kept = {name: value for name, value in pairs if isinstance(value, str)}
        return cls(marker, kept, before if isinstance(before, str) else "")


def kept(profile: Profile, names: list[str]) -> dict[str, str]:
    """The fields of a profile that go into the comment."""
    return {name: getattr(profile, name) for name in names}


def _first(text: str) -> tuple[object, str]:
    """The first JSON value of a text, None where there is none, and what follows."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None, ""
    return value, text[end:].lstrip()
