"""The trail tells when the service ran and which settings changed, and nothing that stands in them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from provisioner.provisioning.service_record import ServiceRecord
from provisioner.settings import StoreSettings, TargetSettings, WebSettings
from provisioner.settings.loading import EMBEDDED_FILE
from tests.office import RealOffice

SECRET = "postgresql://siak:sangat-rahasia@db/siak"


def start(office: RealOffice, **settings: Any) -> dict[str, Any] | None:
    """Start with other settings; gives what the trail says of them, None where it says nothing."""
    before = len(office.events("settings-loaded"))
    changed = office.core.context.settings.model_copy(update=settings)
    ServiceRecord(replace(office.core.context, settings=changed)).started("embedded")
    said = office.events("settings-loaded")[before:]
    return json.loads(said[0].fields) if said else None


def test_starting_and_stopping_are_events(office: RealOffice) -> None:
    start(office)
    ServiceRecord(office.core.context).stopped()
    (started,) = office.events("service-started")
    assert json.loads(started.fields)["engine"] == "embedded"
    assert len(office.events("service-stopped")) == 1


def test_settings_are_recorded_once_as_long_as_they_stay_the_same(office: RealOffice) -> None:
    loaded = start(office)
    assert loaded is not None
    assert "altered" not in loaded
    names = {line.split()[0] for line in loaded["sections"]}
    assert {"general", "web", "totp", "targets.sistem", "office.toml", "procedure.toml", "stempel.typ"} <= names
    assert not names & {"provisioner.toml", "example-ldap.toml"}
    assert {len(line.split()[1]) for line in loaded["sections"]} == {16}
    assert start(office) is None


def test_what_changed_is_named(office: RealOffice, tmp_path: Path) -> None:
    start(office)
    web = start(office, web=WebSettings(port=9000))
    assert web is not None
    assert web["altered"] == ["web"]
    files = shutil.copytree(EMBEDDED_FILE.parent, tmp_path / "config")
    with (files / "roles.toml").open("a", encoding="utf-8") as roles:
        roles.write("# by hand\n")
    office_dir = start(office, web=WebSettings(port=9000), office_dir=files)
    assert office_dir is not None
    assert office_dir["altered"] == ["general", "roles.toml"]
    system = TargetSettings(kind="memory", label="Lain")
    targets = start(office, web=WebSettings(port=9000), office_dir=files, targets={"lain": system})
    assert targets is not None
    assert targets["altered"] == ["targets.lain", "targets.sistem"]


def test_nothing_that_stands_in_the_settings_stands_in_the_trail(office: RealOffice) -> None:
    start(office, store=StoreSettings(url=SECRET))
    office.close()
    kept = [file for file in office.folder.rglob("*") if file.is_file() and b"sangat-rahasia" in file.read_bytes()]
    assert kept == []
