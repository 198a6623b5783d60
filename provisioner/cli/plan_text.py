"""A dry run as lines of text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from provisioner.provisioning.previews import Call, TargetPreview


def plan_text(preview: TargetPreview, *, as_json: bool) -> str:
    """The calls to one system, in the order in which they would be made."""
    if as_json:
        return json.dumps(asdict(preview), ensure_ascii=False)
    if preview.error:
        return f"{preview.target}: cannot be told ({preview.error}: {preview.message})"
    if preview.at_rest or not (preview.calls or preview.later):
        return f"{preview.target}: nothing to do"
    lines = [f"{preview.target}:{' a card for a person:' if preview.asks_people else ''}", *_lines(preview.calls)]
    if preview.later:
        lines += ["  when the operator has changed the initial password:", *_lines(preview.later)]
    return "\n".join(lines)


def _lines(calls: Sequence[Call]) -> Iterator[str]:
    for number, call in enumerate(calls, start=1):
        one_way = call.password and call.word != "set-password"
        password = "  with the one-way form of a password" if one_way else ""
        yield f"  {number}. {call.word} {call.entitlement}".rstrip() + password
        for each in call.fields:
            yield f"       {each.name}: {each.found!r} -> {each.should!r}"
