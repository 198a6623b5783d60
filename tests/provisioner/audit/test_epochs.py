"""A restored backup cuts the trail off, and says so: the verifier tells it, and lets nothing else pass for one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from provisioner.audit import Actor, Anchor, AuditTrail
from provisioner.audit.findings import Report
from provisioner.audit.verify import verify
from provisioner.store import Store

LOST = "ab" * 32
BEFORE = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
"""The trail's clock begins half an hour later."""


@pytest.fixture
def restored(
    store: Store, trail: AuditTrail, forward: Callable[..., None], exported: Callable[..., list[str]]
) -> Callable[..., list[str]]:
    """Ten rows, a declared restoration, and five more."""

    def lines(backup_seq: int = 10) -> list[str]:
        forward(10)
        with store.begin() as session:
            trail.record(
                session,
                "epoch-opened",
                actor=Actor.command("pengelola"),
                backup_seq=backup_seq,
                backup_hash=trail.head(session).hash,
                backup_made_at=BEFORE,
                release="0.1.0",
                reason="Cakram rusak",
            )
        forward(5)
        return exported()

    return lines


def kinds(report: Report) -> list[str]:
    return [found.kind for found in report.findings]


def test_an_anchor_of_the_time_that_is_lost_is_told_with_the_epoch(restored: Callable[..., list[str]]) -> None:
    report = verify(restored(), [Anchor(13, LOST, BEFORE), Anchor(40, LOST, BEFORE)])
    assert report.sound
    (epoch,) = report.epochs
    assert (epoch.seq, epoch.backup_seq, epoch.lost_until) == (11, 10, 40)
    assert "rows 11 to 40 of before are LOST" in str(epoch)
    assert report.to_dict()["epochs"][0]["lost_until"] == 40


def test_an_anchor_of_the_new_epoch_still_notices_everything(restored: Callable[..., list[str]]) -> None:
    after = datetime.now(UTC)
    report = verify(restored(), [Anchor(13, LOST, after), Anchor(40, LOST, after)])
    assert kinds(report) == ["anchor-mismatch", "cut-off"]


def test_an_anchor_from_before_the_backup_still_has_to_match(restored: Callable[..., list[str]]) -> None:
    assert kinds(verify(restored(), [Anchor(9, LOST, BEFORE)])) == ["anchor-mismatch"]
    lines = restored()
    good = Anchor(9, json.loads(lines[9])["hash"], BEFORE)
    assert verify(lines, [good]).last_anchored == 9


def test_without_a_date_nobody_can_tell_and_the_finding_says_what_is_missing(
    restored: Callable[..., list[str]],
) -> None:
    report = verify(restored(), [Anchor(13, LOST), Anchor(40, LOST)])
    assert kinds(report) == ["anchor-mismatch", "cut-off"]
    assert all("give its date" in found.detail for found in report.findings)
    dated = Anchor.parse(f"13-{'ab' * 2}a-{'ba' * 2}b-{'ab' * 2}a-{'ba' * 2}b 2026-11-02")
    assert dated.at == datetime(2026, 11, 2, tzinfo=UTC)


def test_a_declaration_that_does_not_follow_the_backups_last_row_explains_nothing(
    restored: Callable[..., list[str]],
) -> None:
    """Rows cut off further back cannot be blamed on it."""
    assert kinds(verify(restored(backup_seq=4), [Anchor(13, LOST, BEFORE)])) == ["anchor-mismatch"]


def test_a_trail_that_is_cut_off_without_saying_so_is_cut_off(
    forward: Callable[..., None], exported: Callable[..., list[str]]
) -> None:
    forward(10)
    assert kinds(verify(exported(), [Anchor(40, LOST, BEFORE + timedelta(days=1))])) == ["cut-off"]
