"""Where the month's points come from, put together."""

from collections.abc import Callable, Iterator

from provisioner.actor import Actor, Capacity
from provisioner.month.certificates import certificate_points
from provisioner.month.keeping import (
    anchor_points,
    backup_points,
    key_points,
    release_points,
)
from provisioner.month.machine import machine_points
from provisioner.month.monthly_check import MonthlyCheck
from provisioner.month.operators import operator_points
from provisioner.month.people import people_points
from provisioner.month.point import Point
from provisioner.month.systems import system_points
from provisioner.provisioning.context import Context
from provisioner.provisioning.key_copies import KeyCopies
from provisioner.provisioning.official_terms import OfficialTerms
from provisioner.provisioning.official_views import OfficialViews
from provisioner.provisioning.retention import Retention
from provisioner.provisioning.system_views import SystemViews

_SERVICE = Actor("", "service", "service", (Capacity("it", "it"),))
"""The service itself reads what IT may read."""


def ask_everything(
    month: MonthlyCheck,
    context: Context,
    *,
    copies: KeyCopies,
    officials: OfficialViews,
    terms: OfficialTerms,
    retention: Retention,
    systems: SystemViews,
    files: Callable[[], Iterator[Point]],
) -> None:
    """Tell ``month`` what to look at. ``files``: what is wrong with the office's own files, keys and letters."""
    month.asks(
        certificates=lambda: certificate_points(context),
        backup=lambda: backup_points(context),
        keys=lambda: key_points(context, copies),
        anchors=lambda: anchor_points(context),
        releases=lambda: release_points(context),
        machine=lambda: machine_points(context),
        officials=lambda: people_points(context, officials, terms),
        operators=lambda: operator_points(context, retention),
        systems=lambda: system_points(context, systems, _SERVICE),
        files=files,
    )
