"""Is everything as it must be? Files, keys, database, letters, and every target. Changes nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from provisioner.bootstrap import Provisioner, choice_of, load_authority, pact_documents
from provisioner.connector import Finding, Severity
from provisioner.errors import ProvisionerError
from provisioner.office import PostId
from provisioner.preflight import Choice
from provisioner.resealing import Resealing
from provisioner.target_checks import examined, with_conflicts
from provisioner.targets import Target

_SOON = timedelta(days=90)


@dataclass(frozen=True)
class Checked:
    """A finding and where it was made: ``office``, ``keys``, ``store``, ``letters``, ``signing`` or a target."""

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


def _own(provisioner: Provisioner) -> Iterator[Checked]:
    settings = provisioner.settings
    yield _ok("office", "files", f"{provisioner.office.short_name}, {provisioner.procedure.number}")
    yield from _keys(provisioner)
    yield _guarded("store", "schema", lambda: _schema(provisioner))
    yield _guarded("letters", "pact", lambda: _letters(provisioner))
    yield _guarded("signing", "pacts-held", lambda: _pacts_held(provisioner))
    yield _guarded("signing", "authority", lambda: _authority(provisioner))
    yield _officials(provisioner)
    if settings.sign_in_target is None:
        yield _error(
            "targets", "sign-in", "no system has sign_in = true", "operators cannot sign in here: choose one system"
        )


def _keys(provisioner: Provisioner) -> Iterator[Checked]:
    settings = provisioner.settings
    yield _ok("keys", "readable", f"{len(provisioner.context.keyring.key_ids)} key(s)")
    yield _guarded("keys", "in-use", lambda: _keys_in_use(provisioner))
    if not settings.keys.second_copy_confirmed:
        yield _warning(
            "keys",
            "second-copy",
            "no second copy of the keys is confirmed",
            "copy the key file to another safe place, never beside the data; then keys.second_copy_confirmed = true",
        )


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


def _schema(provisioner: Provisioner) -> Finding:
    # Not before somebody checks: the migrations' library is large, and nothing else needs it.
    if import_module("provisioner.store.migration").pending(provisioner.context.store):
        return Finding("schema", Severity.ERROR, "older than the program", "run provisioner init")
    return Finding("schema", Severity.OK, "up to date")


def _letters(provisioner: Provisioner) -> Finding:
    documents = pact_documents(provisioner.context)
    if documents.text.approval is None:
        return Finding(
            "pact",
            Severity.WARNING,
            f"the text of revision {documents.text.revision} is a draft",
            "let the head of the agency approve it and fill [approval] in pact.toml",
        )
    return Finding("pact", Severity.OK, f"revision {documents.text.revision}")


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
    if until - now >= _SOON:
        return Finding("authority", Severity.OK, message)
    return Finding("authority", Severity.ERROR if until < now else Severity.WARNING, message, "renew the authority")


def _officials(provisioner: Provisioner) -> Checked:
    held = {post for each in provisioner.official_views.everybody() if each.suspended_at is None for post in each.posts}
    needed = {step.actor for step in provisioner.procedure.steps if step.actor in set(PostId)}
    missing = sorted(needed - held)
    if missing:
        return _warning(
            "office", "officials", f"nobody holds: {', '.join(missing)}", "provisioner official add NAME --post POST"
        )
    return _ok("office", "officials", "every desk of the SOP is held")


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
