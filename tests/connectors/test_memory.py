"""What only the memory connector has."""

from datetime import UTC, datetime

import pytest

from connectors.contract import cheap_argon2id, new_account
from connectors.memory import MemoryConnector, MemorySettings
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorContext,
    Entitles,
    Marker,
    Outcome,
    PolicyViolation,
    Severity,
    StaleVersion,
)
from tests.connectors.subjects import CHEAP_ARGON2


def test_an_empty_section_is_a_working_target() -> None:
    connector = MemoryConnector.from_settings({}, ConnectorContext("memori"))
    assert connector.create(new_account()).username == "dewi.lestari"
    assert isinstance(connector, Entitles)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        MemoryConnector.from_settings({"colour": "red"}, ConnectorContext("memori"))


def test_two_targets_share_nothing() -> None:
    one, other = (MemoryConnector.from_settings({}, ConnectorContext(name)) for name in ("satu", "dua"))
    one.create(new_account())
    assert other.get("dewi.lestari") is None


def test_one_that_does_not_enforce_the_first_change_says_so_and_leaves_the_entry_disabled() -> None:
    settings = {"enforces_first_change": False, **CHEAP_ARGON2}
    connector = MemoryConnector.from_settings(settings, ConnectorContext("memori"))
    new = new_account(verifier=cheap_argon2id("wengi-lunga-telas-42"))
    with pytest.raises(PolicyViolation) as refusal:
        connector.create(new)
    assert refusal.value.rule == "not-enforced"
    (left,) = connector.find(new.marker.account_id)
    assert not left.enabled
    assert connector.authenticate("dewi.lestari", "wengi-lunga-telas-42").outcome is Outcome.REJECTED
    assert Severity.WARNING in {finding.severity for finding in connector.check()}


def test_sign_ins_carry_the_time_of_the_clock_that_was_handed_in() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    connector = MemoryConnector(MemorySettings(argon2_memory_kib=64, argon2_iterations=1), clock=lambda: noon)
    created = connector.create(new_account(verifier=cheap_argon2id("wengi-lunga-telas-42")))
    connector.change_password("dewi.lestari", "wengi-lunga-telas-42", "sepeda biru di jalan")
    assert connector.authenticate("dewi.lestari", "sepeda biru di jalan").outcome is Outcome.ACCEPTED
    assert connector.last_sign_in(created) == noon
    assert connector.end_sessions(created) == 1


def test_a_stale_reader_is_granted_nothing() -> None:
    connector = MemoryConnector.from_settings({}, ConnectorContext("memori"))
    early = connector.create(new_account())
    assert early.marker is not None
    connector.update(early, Changes(), Marker(early.marker.account_id, 2))
    with pytest.raises(StaleVersion):
        connector.grant(early, "siak")


def test_a_stranger_can_be_put_in_but_not_twice() -> None:
    connector = MemoryConnector.from_settings({}, ConnectorContext("memori"))
    connector.add_stranger("Tamu")
    with pytest.raises(AccountExists):
        connector.add_stranger("tamu")
