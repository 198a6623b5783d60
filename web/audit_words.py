"""The audit trail as its readers see it: each event as a sentence, with the fields behind it, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from flask_babel import LazyString

from provisioner.audit import AuditEntry
from provisioner.audit.catalogue import catalogue
from provisioner.audit.events import Value
from provisioner.office import PostId, find
from web.account_words import HELP, TASK
from web.audit_field_words import CODES, FIELDS
from web.audit_sentences import ACTORS, sentence
from web.catalog import current_language, gettext, later
from web.current import office, settings
from web.errors import field_text
from web.labels import kept_post, post_text, region_text, role_text, urgency_text

GROUPS: dict[str, tuple[LazyString, tuple[str, ...]]] = {
    "surat": (later("Surat"), ("draft-", "letter-", "paper-", "register-", "outgoing-", "disposition-")),
    "permohonan": (
        later("Permohonan"),
        (
            "request-",
            "act-",
            "bio-form-",
            "replacement-",
            "identity-",
            "check-code-",
            "username-",
            "target-left-out",
        ),
    ),
    "pakta": (later("Pakta Integritas"), ("pact-",)),
    "sistem": (
        later("Pekerjaan di sistem"),
        (
            "account-adopted-in",
            "account-created-in",
            "account-changed-in",
            "account-reactivated-in",
            "account-disabled-in",
            "account-deleted-in",
            "account-restored-in",
            "entitlements-",
            "sessions-",
            "target-",
            "retry-",
            "difference-",
            "reconciliation-",
            "repair-",
            "closing-",
            "orphan-",
            "card-",
        ),
    ),
    "akun": (later("Akun"), ("account-", "accounts-recorded", "recorded-")),
    "sandi": (later("Kata sandi dan amplop"), ("password-", "envelope-", "ticket-", "enrolment-")),
    "operator": (later("Operator"), ("operator-", "help-")),
    "pejabat": (
        later("Pejabat"),
        ("official-", "second-factor-", "mandate-", "decisions-", "session-", "too-many-"),
    ),
    "berkas": (
        later("Berkas dan data pribadi"),
        ("attachment-", "original-", "nik-", "personal-", "audit-", "case-", "box-", "destruction-"),
    ),
    "pemeriksaan": (
        later("Pemeriksaan"),
        ("accounts-on-day-", "staff-list-", "sample-", "exceptions-"),
    ),
    "aplikasi": (
        later("Aplikasi"),
        (
            "office-",
            "service-",
            "settings-",
            "schema-",
            "keys-",
            "key-",
            "certificate-",
            "walk-",
            "backup-",
            "epoch-",
            "restore-",
            "next-number-",
        ),
    ),
}
"""Kinds of event by subject, for the filter. A kind belongs to the first group whose beginnings fit."""


@dataclass(frozen=True)
class TrailLine:
    """One event on a page."""

    seq: int
    at: datetime
    kind: str
    text: str
    name: str
    """The acting person's own name, where it was kept."""
    facts: tuple[tuple[str, str], ...]
    erased: tuple[str, ...]
    doubtful: tuple[str, ...]
    intact: bool
    quote: str
    """A reason or note that somebody wrote."""


def trail_line(entry: AuditEntry) -> TrailLine:
    """An event for a page."""
    return TrailLine(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        text=_one_stop(sentence(entry, say)),
        name=entry.actor.name or "",
        facts=tuple((label_of(name), _shown(name, value)) for name, value in sorted(entry.fields.items())),
        erased=tuple(label_of(name) for name in sorted(entry.hidden)),
        doubtful=tuple(label_of(name) for name in sorted(entry.doubtful)),
        intact=entry.intact,
        quote=_quote(entry.fields),
    )


def kinds_of(group: str) -> tuple[str, ...]:
    """Every kind of event of a group of :data:`GROUPS`; nothing for a group that is not there."""
    return tuple(kind for kind in catalogue().words if group_of(kind) == group)


def group_of(kind: str) -> str:
    """The group a kind of event belongs to; empty if none."""
    return next((name for name, (_, beginnings) in GROUPS.items() if kind.startswith(beginnings)), "")


def label_of(name: str) -> str:
    """A field's name in words."""
    return str(FIELDS.get(name, name))


def actor_kinds() -> list[tuple[str, str]]:
    """Who may have acted, for the filter."""
    return [(kind, str(text)) for kind, text in ACTORS.items()]


def say(name: str, value: str) -> str:
    """One value of a field in the reader's language; what is not known stays as it is."""
    if name in ("actor", "to", "desk", "post"):
        return kept_post(value)
    if name in ("target", "targets", "place"):
        return settings().targets[value].label if value in settings().targets else _code(name, value)
    if name in ("role", "roles"):
        return post_text(value) if value in set(PostId) else role_text(value)
    if name == "region":
        return region_text(value)
    if name == "urgency":
        return urgency_text(value)
    if name == "changed":
        return label_of(value).lower()
    return _code(name, value)


def _code(name: str, value: str) -> str:
    if name == "reason_code":
        reason = find(office().revocation_reasons, value)
        if reason is not None:
            return reason.label.text(current_language())
    known: Mapping[str, LazyString] = {"task": TASK, "topic": HELP}.get(name, CODES)
    if value in known:
        return str(known[value])
    if name == "code":
        text = field_text(value)
        return value if value in text else text.rstrip(".")
    return _moment(value)


def _moment(value: str) -> str:
    """ISO dates and moments written out; everything else as it is."""
    if len(value) < 10 or value[4:5] != "-" or not value[:4].isdecimal():
        return value
    try:
        at: date = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value
    return str(current_app.extensions["formats"].plain(at))


def _shown(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return gettext("ya") if value else gettext("tidak")
    if isinstance(value, list):
        return ", ".join(say(name, each) for each in value) or "—"
    return say(name, str(value)) or "—"


def _one_stop(text: str) -> str:
    """A title ("S.Kom.") at the end of a sentence brings its own full stop."""
    return text.removesuffix(".") if text.endswith("..") else text


def _quote(fields: Mapping[str, Value]) -> str:
    return next((str(fields[name]) for name in ("reason", "note", "instruction") if fields.get(name)), "")
