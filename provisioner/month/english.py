"""The month's points in English, for the command. The pages have words of their own."""

from dataclasses import dataclass
from datetime import date

from provisioner.month.point import Point, Subject, Urgency


@dataclass(frozen=True)
class Words:
    """``found`` and ``do`` are filled from the point's facts; ``empty`` stands for ``found`` where the figure is not
    there (no backup, no anchor, no check yet), ``unknown`` where nothing is known."""

    title: str
    found: str
    do: str
    empty: str = ""
    unknown: str = ""


WORDS: dict[Subject, Words] = {
    Subject.SITE_CERTIFICATE: Words(
        "TLS certificate of the site",
        "Afterwards browsers refuse the pages.",
        "renew it at the proxy; name its file in upkeep.certificate",
        unknown="the file {file} cannot be read, or upkeep.certificate names none",
    ),
    Subject.AUTHORITY: Words(
        "authority that signs pacts", "Afterwards it signs none.", "make a new authority in good time"
    ),
    Subject.TARGET_CERTIFICATE: Words(
        "certificate of {about}", "Afterwards nothing reaches it.", "ask whoever runs {about} to renew it"
    ),
    Subject.TIMESTAMP_ROOTS: Words(
        "roots of the time stamps",
        "Afterwards no time stamp can be trusted.",
        "put the new roots into signing.timestamp_roots, beside the old ones",
        unknown="the file {file} cannot be read",
    ),
    Subject.BSRE_ROOTS: Words(
        "roots of BSrE", "Afterwards its signatures cannot be verified.", "ask BSrE for the new roots"
    ),
    Subject.BACKUP: Words(
        "backup",
        "the last one is {days} days old",
        "see that one is made, and that it can be restored",
        empty="none was ever made",
        unknown="nothing here records backups",
    ),
    Subject.DISK: Words(
        "disk of {folder}",
        "{percent} % free ({gib} GiB)",
        "make room, or give it a larger disk",
        unknown="cannot be read",
    ),
    Subject.DATABASE_DISK: Words(
        "disk of the database server", "", "look at it there", unknown="it is another machine's"
    ),
    Subject.MEMORY: Words("memory", "{percent} % available", "see what uses it, or add some"),
    Subject.UPDATES: Words(
        "updates of the system",
        "{count} wait, {security} of them for security",
        "apt-get upgrade, on an evening",
        unknown="apt cannot be asked",
    ),
    Subject.UPDATE_LISTS: Words("lists of updates", "fetched {days} days ago", "apt-get update", empty="never fetched"),
    Subject.RESTART: Words("restart", "an update waits for one", "restart the machine, on an evening"),
    Subject.PROGRAM: Words(
        "this program",
        "installed {days} days ago",
        "ask whether there is a newer release",
        unknown="it runs from its source, so its age is not known",
    ),
    Subject.SECOND_COPY: Words(
        "second copy of the keys",
        "last confirmed on {day}; due after every rotation and once a year",
        "provisioner keys paper, then provisioner keys paper --check",
        empty="none is confirmed",
    ),
    Subject.ANCHORS: Words(
        "anchors of the audit trail",
        "the last one in {folder} is {days} days old",
        "see that the service runs and may write there",
        empty="there is none in {folder}",
        unknown="{folder} cannot be read",
    ),
    Subject.ANCHORS_HERE: Words(
        "place of the anchors", "{folder} lies on the machine of the data", "name another machine in audit.anchor_dir"
    ),
    Subject.SECOND_FACTOR: Words(
        "second factor", "{count} officials have none: {names}", "ask them to sign in and set it up"
    ),
    Subject.FIRST_PASSWORD: Words(
        "first passwords", "{count} officials did not use theirs in time: {names}", "provisioner official envelope NAME"
    ),
    Subject.OFFICIAL_OVER: Words(
        "account {about}", "Its last day is over.", "provisioner official disable {about}, or extend it"
    ),
    Subject.OFFICIAL_ENDS: Words(
        "account {about}", "An auditor's account must have an end.", "provisioner official extend {about} --expires DAY"
    ),
    Subject.ACCOUNTS_END: Words(
        "operators' accounts", "{count} end within a month", "remind the section head: who stays is extended"
    ),
    Subject.PACTS_LAPSE: Words("pacts", "{count} lapse within a month", "remind the section head and the operators"),
    Subject.RETENTION: Words(
        "case files", "{count} are past their retention", "tell the section head: the page Arsip lists them"
    ),
    Subject.TARGET_FINDING: Words("{about}", "{what}: {message}", "{remedy}"),
    Subject.TARGET_UNCHECKED: Words(
        "{about}", "", "provisioner check", empty="it was never checked", unknown="it was last checked on {day}"
    ),
    Subject.CLOCK: Words("clock of {about}", "differs by {seconds} seconds", "set both clocks by the same time server"),
    Subject.LINKS_FAILED: Words(
        "{about}", "{count} accounts were given up there", "see the page Sistem, or provisioner account list"
    ),
    Subject.TARGET_PAUSED: Words(
        "{about}", "somebody stopped sending; {count} accounts wait", "resume it on the page Sistem when it may"
    ),
    Subject.TARGET_DOWN: Words(
        "{about}", "does not answer since {day}; {count} accounts wait", "see that it runs and can be reached"
    ),
    Subject.ENVELOPES: Words(
        "envelopes", "{count} lapse within {days} days without having been opened", "remind the section head"
    ),
    Subject.RELEASES: Words("processes of another release", "{others}", "finish the upgrade: restart them"),
    Subject.CHECK: Words("{about}", "{message}", "{remedy}", unknown="{message}"),
}
"""Where a point has a last day, the day is said beside it."""


def title_of(point: Point) -> str:
    """What it is about."""
    return _filled(WORDS[point.subject].title, point)


def found_of(point: Point) -> str:
    """What was found, as one sentence; empty where the day says it all."""
    words = WORDS[point.subject]
    if words.empty and "" in (point.facts.get("days"), point.facts.get("day")):
        return _filled(words.empty, point)
    if point.urgency is Urgency.UNKNOWN:
        return _filled(words.unknown, point)
    if point.subject is Subject.OFFICIAL_ENDS and point.due is not None:
        return ""
    return _filled(words.found, point)


def remedy_of(point: Point) -> str:
    """What to do."""
    return _filled(WORDS[point.subject].do, point)


def time_left(point: Point, today: date) -> str:
    """``until 2026-12-24 (25 days)``; empty without a last day."""
    if point.due is None:
        return ""
    left = (point.due - today).days
    return f"until {point.due.isoformat()} ({left} days)" if left >= 0 else f"over since {point.due.isoformat()}"


def _filled(text: str, point: Point) -> str:
    return text.format_map({"about": point.about, **point.facts}) if "{" in text else text
