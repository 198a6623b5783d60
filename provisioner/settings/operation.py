"""Sections about how the service works: where it keeps things, what it does on its own, and when."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from provisioner.settings.section import Count, PathInDataDir, Seconds, Section
from provisioner.settings.signing import BsreSettings, TokenSettings
from provisioner.signing.way import SigningWay


class StoreSettings(Section):
    """Where requests, accounts and the audit trail are kept."""

    url: Annotated[str, Field(repr=False)] = "sqlite:///{data_dir}/store.db"
    """SQLAlchemy address of the database: SQLite (``{data_dir}`` stands for that folder) or PostgreSQL
    (``postgresql://...``). An address with a password belongs into the environment (``PROVISIONER_STORE__URL``), not
    into the file; better, its password has a file of its own."""

    password_file: PathInDataDir | None = None
    """File that holds the password of the database's user in its first line; ``url`` then names the user and no
    password. Read when a process starts."""


class KeySettings(Section):
    """The keys that protect personal data. They never stand in the settings, and never in the backup of the data."""

    file: PathInDataDir = Path("keys/keyring.json")
    """The key file. ``provisioner init`` makes it; only its owner may read it. A process that was given a copy, as
    ``{credentials}/keyring.json``, sees a key that is added later when it is started again."""

    env: str | None = None
    """Environment variable that holds the text of a key file; then no file is read."""

    second_copy_confirmed: bool = False
    """States that a copy of the first keys lies in another safe place. Better is a copy on paper that was tried
    (``provisioner keys paper``): it is kept in the database which keys it holds. Without the keys the data are lost."""

    rehearsal_days: Count = 365
    """After so many days the second copy should be tried again; ``provisioner check`` says so."""


class ProcedureSettings(Section):
    """What the SOP leaves open."""

    step_5: Literal["system", "button"] = "system"
    """Who makes the account once the pact is signed: ``system`` at once, on the section head's decision, or ``button``:
    the database administrator or the section head presses one."""

    allow_two_steps: bool = False
    """Let one person take two steps of the same request. Nobody ever decides on their own request."""

    draft_days: Count = 14
    """A letter that was begun and not sent is forgotten after so many days."""

    paper_dispositions: bool = False
    """Let the secretary record a disposition that an official initialled on a printed sheet, with a scan of it."""


class EnvelopeSettings(Section):
    """The envelope in which the applicant finds the initial password."""

    open_days: Count = 7
    """An envelope that is not opened in so many days lapses; then a new password has to be issued."""

    grace_minutes: Annotated[int, Field(ge=0, le=60)] = 10
    """How long the browser that opened an envelope may see it again, in case the answer was lost on the way."""

    enrolment_days: Count = 3
    """How long a replacement code (for a lost collection code) can be used."""


class RunnerSettings(Section):
    """The runner that makes every system hold what the office has decided."""

    threads: Count = 2
    """Initial passwords hashed at the same time: what takes a processor to itself."""

    per_target: Count = 2
    """Accounts worked on at the same time at one system, so that a slow one never takes every thread."""

    sweep_seconds: Seconds = 2.0
    """How often the runner looks for work that nobody woke it for."""

    lease_seconds: Seconds = 20.0
    """How long a runner that shows no sign of life keeps what it has taken (an account, a system's reading, the
    periodic work) before another takes over. With the engine ``procrastinate``, keep it below 30."""

    call_timeout_seconds: Seconds = 10.0
    """Time allowed for one call to a system. Shorter than a lease."""

    backoff_first_seconds: Seconds = 2.0
    """Wait after the first failure of a system; it doubles with every further one."""

    backoff_max_seconds: Seconds = 600.0
    """The longest wait between two tries. There is no last try."""

    breaker_failures: Count = 5
    """Failures in a row after which a system is left alone for a while, whatever account they concern."""

    breaker_seconds: Seconds = 30.0
    """How long it is left alone before one try is made."""

    check_hours: Annotated[int, Field(ge=0, le=8760)] = 24
    """How often the service checks every system by itself: reachability, certificate, rights, clock and password rules.
    0: only when somebody asks."""

    quarantine_days: Count = 90
    """How long a revoked account stays in a system, disabled, before it is deleted there."""

    @model_validator(mode="after")
    def _a_call_ends_within_its_lease(self) -> Self:
        if self.call_timeout_seconds * 2 > self.lease_seconds:
            raise ValueError("lease_seconds must be at least twice call_timeout_seconds")
        if self.backoff_max_seconds < self.backoff_first_seconds:
            raise ValueError("backoff_max_seconds is less than backoff_first_seconds")
        return self


class SigningSettings(Section):
    """How integrity pacts are signed. The built-in authority ("tidak tersertifikasi") has its key sealed in the
    database, or in a token; ``provisioner init`` makes it."""

    certificate_years: Annotated[int, Field(ge=1, le=60)] = 30
    """Validity of its certificates. It must outlast the retention of pacts: no key survives to be renewed."""

    organisation: str = ""
    """The organisation named in its certificates. Empty: the office's name."""

    way: SigningWay = SigningWay.BUILT_IN
    """How new pacts are signed: ``built-in``, with this authority, or ``wet-ink``: printed, signed on paper by both,
    and the scan confirmed by the section head and kept. Pacts that were made before a change are signed the way they
    were made."""

    timestamp_url: str | None = None
    """Address of a time-stamp service (RFC 3161) that proves when a pact was signed, to others than the office itself.
    With it the pact also carries what is needed to judge its signatures in later years (PAdES B-LT). Without it the
    time is only what the application says."""

    timestamp_roots: Path | None = None
    """PEM file of the authorities in which the service's certificates end; needed with ``timestamp_url``. Keep the file
    and its old certificates when the service changes: pacts of before are verified with them."""

    timestamp_seconds: Seconds = 10.0
    """Time allowed for one question to the time-stamp service."""

    timestamp_down: Literal["refuse", "sign-without"] = "refuse"
    """What happens when the service gives no time stamp: ``refuse`` to sign until it does, or ``sign-without``. Pacts
    made under ``refuse`` say that their time is proven and are never signed without."""

    token: TokenSettings | None = None
    """The token that holds the authority's key; without it the key lies sealed in the database."""

    bsre: BsreSettings | None = None
    """BSrE's client service; needed for ``way = "bsre"``."""

    @field_validator("timestamp_url")
    @classmethod
    def _an_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return url

    @model_validator(mode="after")
    def _roots_for_time_stamps(self) -> Self:
        if self.timestamp_url is not None and self.timestamp_roots is None:
            raise ValueError("timestamp_url needs timestamp_roots: without them no time stamp can be trusted")
        return self

    @model_validator(mode="after")
    def _service_for_its_way(self) -> Self:
        if self.way is SigningWay.BSRE and self.bsre is None:
            raise ValueError("way bsre needs the table [signing.bsre]")
        return self


class AuditSettings(Section):
    """The audit trail."""

    anchor_dir: PathInDataDir = Path("anchors")
    """Folder for the daily anchors. Put it on another machine or a medium that can be written only once: rows cut off
    the end of the trail are noticed up to the last anchor that the office still has."""

    anchor_at: time = time(23, 50)
    """Time of day, by the office's clock, at which an anchor is written."""

    personal_days: Count | None = None
    """After so many days personal values of an event are erased: network addresses and devices always, names and free
    text once its request is over and its account is revoked. The chain stays whole. Without it nothing is erased. No
    regulation was found that says how many days; the office decides."""


class BackupSettings(Section):
    """Backups of everything but the keys: ``provisioner backup``. A timer of the machine's makes them."""

    folder: PathInDataDir = Path("backups")
    """Where ``provisioner backup`` writes when nobody names another place. Best on another disk, or copied from here to
    another machine."""

    keep_days: Count = 35
    """Backups in a folder that are older are deleted after a new one is finished; the newest is never deleted."""

    warn_after_hours: Count = 26
    """``provisioner check`` warns when the last backup is older."""

    recipients: tuple[str, ...] = ()
    """Public keys (``age1...``) to which backups are encrypted; ``provisioner backup key`` makes a pair. Without one a
    backup holds user names, names and hashes of passwords in clear; what is personal beyond that is sealed in any
    case."""


class LogSettings(Section):
    """The service's own log, on standard error. It never holds a password, a code or a NIK."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least grave kind of message that is written."""

    format: Literal["text", "json"] = "text"
    """``text`` for eyes, ``json`` (one object a line) for machines."""
