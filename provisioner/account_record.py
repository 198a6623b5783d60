"""Accounts between the store's rows and the core's values. Contact data are sealed."""

import json
from datetime import datetime

from provisioner.account import Account, AccountState
from provisioner.connector import Profile
from provisioner.keyring import Keyring
from provisioner.store.tables import AccountRow

_PURPOSE = "account.contact"
_CONTACT = ("position", "mail", "phone", "staff_number", "role_name", "region_name")


def sealed_contact(keyring: Keyring, profile: Profile) -> bytes:
    """What of a profile is personal enough to be sealed."""
    return keyring.seal(_PURPOSE, json.dumps({name: getattr(profile, name) for name in _CONTACT}).encode())


def profile_of(row: AccountRow, keyring: Keyring) -> Profile:
    """The person's data as targets need them.

    :raises SealBroken: the contact data were changed.
    """
    contact = json.loads(keyring.open(_PURPOSE, row.contact))
    return Profile(
        full_name=row.full_name,
        display_name=row.display_name,
        role=row.role,
        region=row.region,
        org_unit=row.org_unit,
        valid_until=row.valid_until.isoformat() if row.valid_until else "",
        **{name: contact.get(name, "") for name in _CONTACT},
    )


def staff_number_of(row: AccountRow, keyring: Keyring) -> str:
    """NIP or NI PPPK, digits; empty where the person has none.

    :raises SealBroken: the contact data were changed.
    """
    return str(json.loads(keyring.open(_PURPOSE, row.contact)).get("staff_number", ""))


def account_of(row: AccountRow, keyring: Keyring, now: datetime) -> Account:
    """The account as :mod:`provisioner.account` knows it."""
    return Account(
        id=row.id,
        username=row.username,
        version=row.desired_version,
        state=AccountState(row.state),
        profile=profile_of(row, keyring),
        password_changed=row.password_changed_at is not None,
        deletion_due=row.delete_after is not None and row.delete_after <= now,
    )
