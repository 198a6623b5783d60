"""The systems, as their last own checks and the list of work show them. None is asked here."""

from collections.abc import Iterator
from datetime import timedelta

from provisioner.actor import Actor
from provisioner.connector import Finding, Severity
from provisioner.month.point import Point, Subject, Urgency, urgency_of
from provisioner.provisioning.context import Context
from provisioner.provisioning.system_views import SystemState, SystemView, SystemViews

CHECK_DAYS = 7
_OWN_POINTS = {"certificate": Subject.TARGET_CERTIFICATE, "clock": Subject.CLOCK}
_DOWN = (SystemState.FAILING, SystemState.RESTS, SystemState.TRIED)


def system_points(context: Context, views: SystemViews, actor: Actor) -> Iterator[Point]:
    """Certificates, clocks, other findings, and what is stuck."""
    for view in views.all(actor):
        yield from _findings(context, view)
        if view.state is SystemState.PAUSED:
            yield Point(Subject.TARGET_PAUSED, Urgency.MONTH, about=view.label, facts={"count": view.waiting})
        elif view.state in _DOWN:
            since = context.today(view.failing_since).isoformat() if view.failing_since else ""
            yield Point(Subject.TARGET_DOWN, Urgency.NOW, about=view.label, facts={"day": since, "count": view.waiting})
        if view.failed:
            yield Point(Subject.LINKS_FAILED, Urgency.NOW, about=view.label, facts={"count": view.failed})


def _findings(context: Context, view: SystemView) -> Iterator[Point]:
    checked_at = view.check.checked_at
    if checked_at is None or checked_at + timedelta(days=CHECK_DAYS) < context.clock():
        day = context.today(checked_at).isoformat() if checked_at else ""
        yield Point(Subject.TARGET_UNCHECKED, Urgency.UNKNOWN, about=view.label, facts={"day": day})
    for finding in view.check.findings:
        subject = _OWN_POINTS.get(finding.subject)
        if subject is Subject.TARGET_CERTIFICATE and finding.figure is not None and checked_at is not None:
            due = context.today(checked_at) + timedelta(days=finding.figure)
            yield Point(subject, urgency_of(due, context.today()), due, view.label)
        elif finding.severity is not Severity.OK:
            yield _finding(view, finding, subject or Subject.TARGET_FINDING)


def _finding(view: SystemView, finding: Finding, subject: Subject) -> Point:
    urgency = Urgency.NOW if finding.severity is Severity.ERROR else Urgency.MONTH
    facts: dict[str, str | int] = {"message": finding.message, "remedy": finding.remedy, "what": finding.subject}
    if finding.figure is not None:
        facts["seconds"] = finding.figure
    return Point(subject if finding.figure is not None else Subject.TARGET_FINDING, urgency, None, view.label, facts)
