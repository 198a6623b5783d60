"""The files that belong into a backup beside the database: the office's, letters in use, anchors, the settings.

Never the keys: a backup that held them would give away what it protects.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from provisioner.audit import AnchorBook
from provisioner.errors import ConfigurationError
from provisioner.keyring import Keyring
from provisioner.settings import Settings

SETTINGS = "settings.json"
_LARGEST = 32 << 20
_SECRET = re.compile(r"password|secret|\bpin\b|token|credential_text", re.IGNORECASE)
_NAMES_ONLY = re.compile(r"(_env|_file|_label|_length|_memory_kib|_iterations)$")
_IN_ADDRESS = re.compile(r"(://[^/@:]*):[^/@]*@")


def office_files(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Names in the backup, and what they hold.

    :raises ConfigurationError: the key file, or another that holds keys, would be among them.
    """
    for name, file in _listed(settings):
        content = file.read_bytes()
        refuse_keys(file, content)
        yield name, content
    yield SETTINGS, settings_text(settings)


def refuse_keys_inside(settings: Settings) -> None:
    """:raises ConfigurationError: the key file lies in a folder that goes into the backup."""
    keys = settings.path(settings.keys.file).resolve()
    for folder in (settings.office_dir, settings.path(Path("letters")), settings.path(settings.audit.anchor_dir)):
        if keys.is_relative_to(folder.resolve()):
            raise ConfigurationError("keys.file", f"lies in {folder}, which goes into the backup: move it elsewhere")


def refuse_keys(file: Path, content: bytes) -> None:
    """:raises ConfigurationError: these are keys."""
    if b'"lookup"' not in content or b'"keys"' not in content:
        return
    try:
        Keyring.parse(content.decode("utf-8", "replace"))
    except ConfigurationError:
        return
    raise ConfigurationError(str(file), "holds keys, which never go into a backup: move it elsewhere")


def settings_text(settings: Settings) -> bytes:
    """Every setting as JSON, for whoever sets the machine up again. What may be a secret is left out."""
    plain = _without_secrets(settings.model_dump(mode="json"))
    return json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _listed(settings: Settings) -> Iterator[tuple[str, Path]]:
    for place, folder in (("office", settings.office_dir), ("letters", settings.path(Path("letters")))):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink() and file.stat().st_size <= _LARGEST:
                yield f"{place}/{file.relative_to(folder).as_posix()}", file
    anchors = AnchorBook(settings.path(settings.audit.anchor_dir)).path
    if anchors.is_file():
        yield f"anchors/{anchors.name}", anchors


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _without_secrets(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(each, name) for each in value]
    if isinstance(value, str) and value and _SECRET.search(name) and not _NAMES_ONLY.search(name):
        return "(left out)"
    return _IN_ADDRESS.sub(r"\1:(left out)@", value) if isinstance(value, str) else value
