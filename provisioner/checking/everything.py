"""All checks, in the order in which they are told. Changes nothing but the kept copy of letters that render."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from provisioner.bootstrap import Provisioner, choice_of
from provisioner.checking.backup import check_backup
from provisioner.checking.checked import Checked, right, wrong
from provisioner.checking.dispatch import check_dispatch
from provisioner.checking.keys import check_keys
from provisioner.checking.letters import check_letters
from provisioner.checking.officials import check_officials
from provisioner.checking.schema import check_schema
from provisioner.checking.signing import check_signing
from provisioner.connector import Finding
from provisioner.preflight import Choice
from provisioner.target_checks import examined, with_conflicts
from provisioner.targets import Target


def check_everything(provisioner: Provisioner) -> list[Checked]:
    """Every finding, the office's own first. Targets are asked at the same time. Never raises."""
    found = [*_own(provisioner)]
    targets = list(provisioner.targets.values())
    if not targets:
        found.append(wrong("targets", "configured", "no system is configured", "add a table [targets.NAME]"))
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
    yield right("office", "files", f"{provisioner.office.short_name}, {provisioner.procedure.number}")
    yield from check_keys(provisioner)
    yield from check_schema(provisioner.context)
    yield from check_backup(provisioner)
    yield from check_dispatch(provisioner.context)
    yield from check_letters(provisioner)
    yield from check_signing(provisioner)
    yield from check_officials(provisioner)
    if provisioner.settings.sign_in_target is None:
        remedy = "operators cannot sign in here: choose one system"
        yield wrong("targets", "sign-in", "no system has sign_in = true", remedy)


def _ask(target: Target, choice: Choice) -> list[Finding]:
    findings, rules = examined(target)
    return with_conflicts(findings, rules or [], choice)
