"""Is everything as it must be? Files, keys, database, letters, and every target. Changes nothing but the kept
copy of letters that render."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from provisioner import signing
from provisioner.backup.making import last_backup
from provisioner.bootstrap import Provisioner, choice_of
from provisioner.checking_schema import check_schema
from provisioner.connector import Finding, Severity
from provisioner.errors import ProvisionerError
from provisioner.office import PostId
from provisioner.pact import PactText
from provisioner.person import Nik
from provisioner.preflight import Choice
from provisioner.provisioning.key_copies import CopyState
from provisioner.resealing import Resealing
from provisioner.settings import Settings
from provisioner.signing.bsre.service import BsreRefused
from provisioner.signing.timestamp import TimestampUnavailable
from provisioner.signing.token import TokenKey
from provisioner.signing_setup import bsre_service, load_authority, timestamp_service, token_place
from provisioner.target_checks import examined, with_conflicts
from provisioner.targets import Target

_SOON = timedelta(days=90)


@dataclass(frozen=True)
class Checked:
    """A finding and where it was made: ``office``, ``keys``, ``store``, ``processes``, ``letters``, ``signing`` or a
    target.
    """

    where: str
    finding: Finding


def check_everything(provisioner: Provisioner) -> list[Checked]:
    """Every finding, the office's own first. Targets are asked at the same time. Never raises."""
    found = [*_own(provisioner)]
    targets = list(provisioner.targets.values())
    if not targets:
        found.append(_error("targets", "configured", "no system is configured", "add a table [targets.NAME]"))
        return found
    with ThreadPoolExecutor(max_workers=len(targets)) as pool:
        choice = choice_of(provisioner.settings)
        for target, findings in zip(targets, pool.map(lambda each: _ask(each, choice), targets), strict=True):
            found.extend(Checked(target.name, finding) for finding in findings)
    return found


def check_own(provisioner: Provisioner) -> list[Checked]:
    """What :func:`check_everything` finds before it asks any target. Never raises."""
    return [*_own(provisioner)]


def _own(provisioner: Provisioner) -> Iterator[Checked]:
    settings = provisioner.settings
    yield _ok("office", "files", f"{provisioner.office.short_name}, {provisioner.procedure.number}")
    yield from _keys(provisioner)
    yield from (Checked(where, finding) for where, finding in check_schema(provisioner.context))
    yield _guarded("store", "backup", lambda: _backup(provisioner))
    if provisioner.restorations.held():
        yield _error(
            "store",
            "restored",
            "restored from a backup: nothing is written to any system until the comparison is confirmed",
            "see the page Pemulihan, or provisioner restore status",
        )
    if settings.dispatch.engine == "procrastinate":
        yield _guarded("dispatch", "engine", lambda: _engine(provisioner))
        yield _guarded("dispatch", "workers", lambda: _workers(provisioner))
    yield from _letters(provisioner)
    yield _guarded("letters", "pact", lambda: _pact_text(provisioner))
    yield _guarded("signing", "pacts-held", lambda: _pacts_held(provisioner))
    yield _guarded("signing", "authority", lambda: _authority(provisioner))
    if settings.signing.timestamp_url:
        yield _guarded("signing", "timestamp", lambda: _timestamp(settings))
    if settings.signing.bsre is not None:
        yield _guarded("signing", "bsre", lambda: _bsre(provisioner))
    yield _officials(provisioner)
    yield from _endings(provisioner)
    if settings.sign_in_target is None:
        yield _error(
            "targets", "sign-in", "no system has sign_in = true", "operators cannot sign in here: choose one system"
        )


def _keys(provisioner: Provisioner) -> Iterator[Checked]:
    yield _ok("keys", "readable", f"{len(provisioner.context.keyring.key_ids)} key(s)")
    yield _guarded("keys", "in-use", lambda: _keys_in_use(provisioner))
    yield _guarded("keys", "second-copy", lambda: _second_copy(provisioner))


def _second_copy(provisioner: Provisioner) -> Finding:
    status, remedy = provisioner.key_copies.status(), "provisioner keys paper, then provisioner keys paper --check"
    day = status.confirmed_at.astimezone(provisioner.office.zone).date().isoformat() if status.confirmed_at else ""
    if status.state is CopyState.CONFIRMED:
        return Finding("second-copy", Severity.OK, f"confirmed on {day}", code=status.state)
    if status.state is CopyState.STATED:
        return Finding("second-copy", Severity.OK, "the settings say that there is one", code=status.state)
    if status.state is CopyState.OLD:
        message = f"the second copy was last confirmed on {day}"
        return Finding("second-copy", Severity.WARNING, message, "provisioner keys paper --check", status.state)
    message = "no second copy of the keys is confirmed"
    if status.state is CopyState.OUTDATED:
        message = f"no confirmed copy holds the key {', '.join(status.lacking)}"
    return Finding("second-copy", Severity.WARNING, message, remedy, status.state)


def _keys_in_use(provisioner: Provisioner) -> Finding:
    context = provisioner.context
    sealed = Resealing(context.store, context.keyring, context.trail, context.clock).count()
    if missing := sorted(sealed.keys() - set(context.keyring.key_ids)):
        message = f"values are sealed with a key that is not there: {', '.join(missing)}"
        return Finding("in-use", Severity.ERROR, message, "put the key back into the key file from its second copy")
    if old := [key_id for key_id, values in sealed.items() if values and key_id != context.keyring.newest_id]:
        message = f"an older key has sealed values: {', '.join(old)}"
        return Finding("in-use", Severity.WARNING, message, "run provisioner keys reseal")
    return Finding("in-use", Severity.OK, "every value is sealed with the newest key")


def _engine(provisioner: Provisioner) -> Finding:
    schema = import_module("provisioner.dispatch.schema")
    store = provisioner.context.store
    if schema.pending(store, old_processes_may_live=True):
        return Finding("engine", Severity.ERROR, "its tables are older than the program", "run provisioner init")
    if schema.pending(store):
        remedy = "stop every process of the older release, then run provisioner init once more"
        return Finding("engine", Severity.WARNING, "its tables still hold what an older release uses", remedy)
    return Finding("engine", Severity.OK, "its tables are up to date")


def _workers(provisioner: Provisioner) -> Finding:
    found = import_module("provisioner.dispatch.workers").staff(provisioner.context.store)
    if not found.alive:
        message = "no worker has shown a sign of life lately: what is decided is not carried out"
        return Finding("workers", Severity.ERROR, message, "start provisioner work, on any machine")
    return Finding("workers", Severity.OK, f"{found.alive} at work")


def _backup(provisioner: Provisioner) -> Finding:
    context, last = provisioner.context, last_backup(provisioner.context)
    remedy = "let a timer run it every day: provisioner backup"
    if last is None:
        return Finding("backup", Severity.WARNING, "no backup was ever made", remedy)
    hours = int((context.clock() - last.made_at).total_seconds() // 3600)
    message = f"the last is of {hours} hours ago, {last.size / 1e6:.1f} MB"
    if hours >= context.settings.backup.warn_after_hours:
        return Finding("backup", Severity.WARNING, message, remedy)
    if not last.encrypted:
        message += "; not encrypted: names and hashes of passwords are in clear"
        return Finding("backup", Severity.WARNING, message, "see backup.recipients and provisioner backup key")
    return Finding("backup", Severity.OK, message)


def _letters(provisioner: Provisioner) -> Iterator[Checked]:
    """Every template rendered with made-up data. Good ones are kept as those to fall back on."""
    wrong = provisioner.letters.wrong()
    for each in wrong:
        remedy = "correct this line; until then the last letters that rendered stay in use"
        yield _error("letters", "templates", str(each), remedy)
    if not wrong:
        yield _ok("letters", "templates", "every letter renders")


def _pact_text(provisioner: Provisioner) -> Finding:
    text = PactText.load(provisioner.settings.office_dir / "pact.toml")
    if text.approval is None:
        return Finding(
            "pact",
            Severity.WARNING,
            f"the text of revision {text.revision} is a draft",
            "let the head of the agency approve it and fill [approval] in pact.toml",
        )
    return Finding("pact", Severity.OK, f"revision {text.revision}")


def _pacts_held(provisioner: Provisioner) -> Finding:
    """What the service found when it last compared every account with its pact."""
    last = provisioner.pact_checks.last()
    if last.ended_at is None:
        return Finding("pacts-held", Severity.OK, "accounts were not compared with their pacts yet")
    message = f"{last.found} of {last.examined} accounts have no pact, or a broken one"
    if last.found:
        return Finding(
            "pacts-held", Severity.ERROR, message, "see the page Kesesuaian, or provisioner reconcile --pacts"
        )
    return Finding("pacts-held", Severity.OK, f"every one of {last.examined} accounts has its pact")


def _authority(provisioner: Provisioner) -> Finding:
    authority, _ = load_authority(provisioner.context)
    # A certificate of a signature must not outlive the authority: it issues none in its own last years.
    until, now = authority.certificate.not_valid_after_utc - authority.retention, provisioner.context.clock()
    message = f"signs pacts until {until.date().isoformat()}"
    place = token_place(provisioner.settings)
    if place is not None:
        if not isinstance(authority.key, TokenKey):
            return Finding("authority", Severity.WARNING, "its key lies in the database still", "run provisioner init")
        authority.key.sign(b"", ECDSA(SHA256()))  # Nothing but a signature shows that the token is there and is ours.
        message += f", with a key in the token {place.label}"
    if until - now >= _SOON:
        return Finding("authority", Severity.OK, message)
    return Finding("authority", Severity.ERROR if until < now else Severity.WARNING, message, "renew the authority")


def _timestamp(settings: Settings) -> Finding:
    try:
        name = signing.validation_data.try_service(timestamp_service(settings))
    except TimestampUnavailable as error:
        severity = Severity.ERROR if settings.signing.timestamp_down == "refuse" else Severity.WARNING
        return Finding("timestamp", severity, str(error), "see signing.timestamp_url and signing.timestamp_roots")
    return Finding("timestamp", Severity.OK, f"time stamps by {name}")


def _bsre(provisioner: Provisioner) -> Finding:
    """Nobody's NIK is known here: the service is asked about one that cannot exist."""
    service = bsre_service(provisioner.settings)
    assert service is not None  # noqa: S101  Asked only where there is one.
    now = provisioner.context.clock()
    last = min(x509.load_der_x509_certificate(root).not_valid_after_utc for root in service.roots)
    if last < now:
        return Finding("bsre", Severity.ERROR, f"a root expired on {last.date()}", "see signing.bsre.roots")
    try:
        # Late, as where it signs: it takes a tenth of a second to load, and every page loads this file.
        from provisioner.signing.bsre import desk

        desk.state_of(service, Nik("0" * 16))
    except BsreRefused as error:
        return Finding("bsre", Severity.ERROR, str(error), "see signing.bsre and the client service's own log")
    if last - now < _SOON:
        return Finding("bsre", Severity.WARNING, f"a root expires on {last.date()}", "ask BSrE for the new roots")
    return Finding("bsre", Severity.OK, f"the client service answers; its roots are good until {last.date()}")


def _officials(provisioner: Provisioner) -> Checked:
    held = {post for each in provisioner.official_views.everybody() if each.suspended_at is None for post in each.posts}
    needed = {step.actor for step in provisioner.procedure.steps if step.actor in set(PostId)}
    missing = sorted(needed - held)
    if missing:
        return _warning(
            "office", "officials", f"nobody holds: {', '.join(missing)}", "provisioner official add NAME --post POST"
        )
    return _ok("office", "officials", "every desk of the SOP is held")


def _endings(provisioner: Provisioner) -> Iterator[Checked]:
    for each in provisioner.official_terms.endings():
        if each.on is None:
            message = f"the auditor's account {each.username} has no end"
        else:
            message = f"the account {each.username} ends on {each.on.isoformat()}"
        yield _warning(
            "office", "end-of-account", message, f"provisioner official extend {each.username} --expires DAY"
        )


def _ask(target: Target, choice: Choice) -> list[Finding]:
    findings, rules = examined(target)
    return with_conflicts(findings, rules or [], choice)


def _guarded(where: str, subject: str, check: Callable[[], Finding]) -> Checked:
    try:
        return Checked(where, check())
    except ProvisionerError as error:
        return _error(where, subject, str(error), "")


def _ok(where: str, subject: str, message: str) -> Checked:
    return Checked(where, Finding(subject, Severity.OK, message))


def _warning(where: str, subject: str, message: str, remedy: str) -> Checked:
    return Checked(where, Finding(subject, Severity.WARNING, message, remedy))


def _error(where: str, subject: str, message: str, remedy: str) -> Checked:
    return Checked(where, Finding(subject, Severity.ERROR, message, remedy))
