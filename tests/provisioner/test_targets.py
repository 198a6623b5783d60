"""Targets are found by kind and built without connecting."""

from collections.abc import Iterator
from typing import Any

import pytest

from provisioner.connector import AsksPeople, Connector, RemoteAccount, Task, TaskState
from provisioner.targets import build_targets, installed_kinds


class EmptyBoard:
    """A board that nobody pins anything to."""

    def ask(self, task: Task, seen: TaskState) -> None:
        """Forget it."""

    def state(self, target: str, account_id: str) -> TaskState:  # noqa: ARG002
        """Nothing asked, nothing done."""
        return TaskState(None, None)

    def confirmed(self, target: str) -> Iterator[RemoteAccount]:  # noqa: ARG002
        """Nobody."""
        yield from ()


MANUAL = {"kind": "manual", "label": "SIAK Terpusat", "system": "SIAK", "fields": [["Nama", "{full_name}"]]}


def test_the_kinds_of_this_package_are_installed() -> None:
    assert {"ldap", "table", "manual", "memory"} <= installed_kinds().keys()


def test_targets_are_built_in_the_order_of_the_settings() -> None:
    configured: dict[str, dict[str, Any]] = {"siak": MANUAL, "cadangan": {"kind": "memory"}}
    targets = build_targets(configured, board=EmptyBoard())
    assert [(each.name, each.kind, each.label) for each in targets.values()] == [
        ("siak", "manual", "SIAK Terpusat"),
        ("cadangan", "memory", "cadangan"),
    ]
    assert all(isinstance(each.connector, Connector) for each in targets.values())
    assert isinstance(targets["siak"].connector, AsksPeople)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({}, "targets.uji.kind"),
        ({"kind": "telepati"}, "targets.uji.kind"),
        ({"kind": ["memory"]}, "targets.uji.kind"),
        ({"kind": "memory", "colour": "red"}, "targets.uji.colour"),
        ({"kind": "table"}, "targets.uji.url"),
        (
            {"kind": "table", "url": "sqlite:///x", "columns": {"id_kind": "sandi-rahasia"}},
            "targets.uji.columns.id_kind",
        ),
        ({"kind": "table", "url": "postgresql://u:sandi-rahasia@h/d"}, "targets.uji.url"),
        ({"kind": "table", "url": "sqlite:///x", "password_env": "NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE"),
        ({**MANUAL, "fields": [["Nama", "{nama}"]]}, "targets.uji.fields.0.1"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place_and_without_its_value(section: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told) as refusal:
        build_targets({"uji": section}, board=EmptyBoard())
    assert "sandi-rahasia" not in str(refusal.value)


def test_a_manual_target_without_a_board_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"targets\.siak: .*task board"):
        build_targets({"siak": MANUAL})
