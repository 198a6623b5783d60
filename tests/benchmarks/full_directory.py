"""An office with many accounts, in the store and in slapd: loaded in bulk, not walked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert

from provisioner.account_record import sealed_contact
from provisioner.bootstrap import build
from provisioner.connector import Marker, Profile
from provisioner.keyring import Keyring
from provisioner.preparation import prepare
from provisioner.settings import load_settings
from provisioner.store.tables import (
    AccountRow,
    CredentialRow,
    GenerationRow,
    LetterRow,
    LinkRow,
    Model,
    OfficialRow,
    PactRow,
    RequestRow,
)
from tests.servers.directory_tree import GROUPS, PEOPLE
from tests.servers.settings_file import write_settings
from tests.servers.slapd import Slapd

_AT_ONCE = 5000
_GROUPS = (f"cn=peran-OPERATOR_DAFDUK,{GROUPS}", f"cn=wilayah-35.76.02,{GROUPS}")
_THEN = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def profile(number: int) -> Profile:
    """The person behind an account."""
    return Profile(
        full_name=f"Dewi Lestari {number:06d}",
        display_name=f"Dewi Lestari {number:06d}, A.Md.",
        role="OPERATOR_DAFDUK",
        region="35.76.02",
        org_unit="Kelurahan Gedongan",
        position="Operator",
        mail=f"operator{number:06d}@example.go.id",
        phone="+6281234567890",
        staff_number=f"{number:018d}",
    )


def prepared(folder: Path, directory: Slapd, accounts: int) -> Path:
    """Fill both (the server is stopped meanwhile); gives the settings file."""
    target = {"kind": "ldap", "label": "Direktori", "settings": directory.settings()}
    sections = {"data_dir": str(folder / "office"), "totp": {"mandatory_for": []}}
    config = write_settings(folder / "provisioner.toml", sections, {"direktori": target})
    settings = load_settings(config)
    prepare(settings)
    core = build(settings)
    try:
        with core.context.store.begin() as session:
            session.add(
                OfficialRow(id="kasi", username="k", full_name="K", posts="", password_hash="!", created_at=_THEN)
            )
            session.add(LetterRow(id="surat", number="1", channel="public", state="disposed", step=4, created_at=_THEN))
        for start in range(0, accounts, _AT_ONCE):
            numbers = range(start, min(accounts, start + _AT_ONCE))
            rows = [_rows(number, core.context.keyring) for number in numbers]
            with core.context.store.begin() as session:
                for kind in rows[0]:
                    session.execute(insert(kind), [each[kind] for each in rows])
    finally:
        core.close()
    directory.stop()
    directory.load("\n".join(_entries(accounts)))
    directory.change(_members(accounts))
    directory.start()
    return config


def _rows(number: int, keyring: Keyring) -> dict[type[Model], dict[str, object]]:
    one, who = f"{number:032x}", profile(number)
    person = {"full_name": who.full_name, "display_name": who.display_name, "role": who.role, "region": who.region}
    account = {**person, "org_unit": who.org_unit, "username": _username(number), "person_key": one.encode()}
    contact, state = sealed_contact(keyring, who), {"state": "active", "state_at": _THEN, "password_changed_at": _THEN}
    pact = {"text_revision": "1", "facts": b"", "document": b"", "sha256": "", "length": 0, "prepared_by": "kasi"}
    done = {"state": "done", "desired_version": 2, "applied_version": 2, "applied_generation": 2, "applied_at": _THEN}
    return {
        RequestRow: {"id": one, "letter_id": "surat", "state": "done", "created_at": _THEN, **person},
        PactRow: {"id": one, "number": one, "request_id": one, "state": "signed", "prepared_at": _THEN, **pact},
        AccountRow: {
            "id": one, "request_id": one, "pact_id": one, "contact": contact, "created_at": _THEN,
            "desired_version": 2, **account, **state,
        },
        CredentialRow: {"id": one, "account_id": one, "name": "shared", "generation": 2, "wanted": False},
        GenerationRow: {
            "id": one, "credential_id": one, "number": 2, "kind": "own", "state": "committed", "issued_at": _THEN,
        },
        LinkRow: {
            "id": one, "account_id": one, "target": "direktori", "credential_id": one, **done,
            "remote_id": _uuid(number),
        },
    }  # fmt: skip


def _entries(accounts: int) -> Iterator[str]:
    for number in range(accounts):
        who, uid = profile(number), _username(number)
        values = {
            "dn": f"uid={uid},{PEOPLE}", "objectClass": "inetOrgPerson", "uid": uid, "entryUUID": _uuid(number),
            "cn": who.full_name, "sn": who.full_name, "displayName": who.display_name, "mail": who.mail,
            "telephoneNumber": who.phone, "title": who.position, "ou": who.org_unit, "employeeNumber": who.staff_number,
            "carLicense": str(Marker(f"{number:032x}", 2, 2)),
        }  # fmt: skip
        yield "".join(f"{name}: {value}\n" for name, value in values.items()) + "".join(
            f"memberOf: {group}\n" for group in _GROUPS
        )


def _members(accounts: int) -> str:
    """The groups say so too: without them no membership could be taken away."""
    people = "".join(f"member: uid={_username(number)},{PEOPLE}\n" for number in range(accounts))
    return "\n".join(f"dn: {group}\nchangetype: modify\nadd: member\n{people}" for group in _GROUPS)


def _username(number: int) -> str:
    return f"operator{number:06d}"


def _uuid(number: int) -> str:
    return str(UUID(int=number + 1))
