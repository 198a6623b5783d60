"""That the service started and stopped, and with which settings, in the audit trail."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from provisioner.audit import Actor, Filters
from provisioner.provisioning.context import Context
from provisioner.release import release
from provisioner.settings import Settings

SETTINGS_PURPOSE = "settings-digest"
_DIGEST_BYTES = 8
_GENERAL = "general"
_OFFICE_FILES = ("office.toml", "roles.toml", "regions.toml", "procedure.toml", "pact.toml", "common-passwords.txt")


class ServiceRecord:
    """Written by whatever runs the service.

    Of the settings only names and keyed digests are recorded, one for each section and each file of the office: they
    tell that something was changed, and nobody can try values against them, not even somebody who has the trail.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def started(self, engine: str) -> None:
        """The service begins to work. The settings are recorded where they are not the ones that were recorded last."""
        sections = dict(self._sections())
        with self._context.store.begin() as session:
            self._context.trail.record(
                session, "service-started", actor=Actor.system(), release=release(), engine=engine
            )
            before = self._recorded(session)
            if before != sections:
                self._context.trail.record(
                    session,
                    "settings-loaded",
                    actor=Actor.system(),
                    sections=[f"{name} {digest}" for name, digest in sections.items()],
                    altered=_altered(before, sections),
                    release=release(),
                )

    def stopped(self) -> None:
        """The service ends as it should. After a crash nothing is recorded: the next start says it."""
        with self._context.store.begin() as session:
            self._context.trail.record(session, "service-stopped", actor=Actor.system(), release=release())

    def _recorded(self, session: Session) -> Mapping[str, str]:
        newest = self._context.trail.search(session, Filters(kinds=("settings-loaded",)), limit=1).entries
        lines = newest[0].fields["sections"] if newest else []
        assert isinstance(lines, list)  # noqa: S101  The catalogue says so.
        return dict(line.rsplit(" ", 1) for line in lines)

    def _sections(self) -> Iterator[tuple[str, str]]:
        for name, content in _contents(self._context.settings):
            yield name, self._context.keyring.mac(SETTINGS_PURPOSE, content)[:_DIGEST_BYTES].hex()
        for file in _office_files(self._context.settings.office_dir):
            yield file.name, self._context.keyring.mac(SETTINGS_PURPOSE, file.read_bytes())[:_DIGEST_BYTES].hex()


def _contents(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Every section with what stands in it; each system is a section of its own."""
    general: dict[str, Any] = {}
    for name, value in settings.model_dump(mode="json").items():
        if name == "targets":
            yield from ((f"targets.{target}", _bytes(each)) for target, each in value.items())
        elif isinstance(value, Mapping):
            yield name, _bytes(value)
        else:
            general[name] = value
    yield _GENERAL, _bytes(general)


def _bytes(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode()


def _office_files(directory: Path) -> list[Path]:
    named = [directory / name for name in _OFFICE_FILES if (directory / name).is_file()]
    return [*named, *sorted((directory / "letters").glob("*.typ"))]


def _altered(before: Mapping[str, str], now: Mapping[str, str]) -> list[str] | None:
    """Names of what is otherwise, new or gone since the last time; None the first time."""
    if not before:
        return None
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
