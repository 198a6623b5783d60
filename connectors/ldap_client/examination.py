"""What ``check`` asks of every directory. Nothing here raises."""

import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import ClassVar

from connectors import findings
from connectors.ldap_client.changes import removed, swapped
from connectors.ldap_client.deadline import Deadline
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.errors import NO_SUCH_ATTRIBUTE, SUCCESS
from connectors.ldap_client.names import present
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.posix_account import PosixAccounts
from connectors.ldap_client.probe import Probe
from connectors.ldap_client.session import Session
from connectors.ldap_client.tls import valid_until
from connectors.ldap_client.tree import POSIX_COUNTER, TreeSettings
from provisioner.connector import ConnectorError, Finding, PermissionDenied, Severity


def _now() -> datetime:
    return datetime.now(UTC)


class DirectoryExamination(ABC):
    """One run of the check. A server's connector adds what that server is to be asked."""

    needed: ClassVar[dict[str, str]] = {}
    """Controls without which the connector cannot work, and what they are called."""
    vendor = ""
    """What to use instead of a server that lacks one."""

    def __init__(
        self, settings: TreeSettings, pool: Pool, shape: DescribedEntry, clock: Callable[[], datetime] = _now
    ) -> None:
        self._tree = settings
        self._pool = pool
        self._shape = shape
        self._clock = clock

    @abstractmethod
    def _policy(self) -> Iterable[Finding]:
        """The server's password policy, as it is in force for our entries."""

    @abstractmethod
    def _new_probe(self) -> Probe:
        """An entry of our own to try with."""

    def findings(self) -> list[Finding]:
        """Every finding, in the order in which things would fail."""
        found = [finding for url in self._tree.urls for finding in self._address(url)]
        if not any(finding.subject == "reachable" and finding.severity is Severity.OK for finding in found):
            return found
        for part in (self._secret, self._features, self._bases, self._counter, self._groups, self._policy, self._probe):
            try:
                found.extend(part())
            except ConnectorError as error:
                subject = "rights" if isinstance(error, PermissionDenied) else "reachable"
                found.append(Finding(subject, Severity.ERROR, str(error)))
        return found

    def _address(self, url: str) -> Iterator[Finding]:
        try:
            session = self._pool.open(url, Deadline(self._pool.call_timeout))
        except ConnectorError as error:
            yield Finding("reachable", Severity.ERROR, str(error))
            return
        end = valid_until(session.socket)
        session.close()
        yield Finding("reachable", Severity.OK, f"{url} answers and accepts the service account")
        if end is None:
            yield findings.cannot_tell("certificate", f"{url}: a connection within this machine needs none")
        else:
            yield findings.certificate(end, self._clock(), url)

    def _secret(self) -> Iterator[Finding]:
        file = self._tree.bind_password_file
        if file is not None and file.stat().st_mode & stat.S_IROTH:
            message = f"{file} can be read by every user of this machine"
            yield Finding("rights", Severity.WARNING, message, "chmod 640 or stricter")

    def _features(self) -> Iterator[Finding]:
        with self._pool.session() as session:
            root = session.read("", ["supportedControl"])
        offered = root.values.get("supportedcontrol", ()) if root is not None else ()
        for oid, name in self.needed.items():
            if oid not in offered:
                message = f"the directory does not offer {name}"
                yield Finding("rights", Severity.ERROR, message, self.vendor)

    def _bases(self) -> Iterator[Finding]:
        tree = self._tree
        names = {
            "people_base": tree.people_base,
            **{f"people_bases {region}": base for region, base in tree.people_bases.items()},
            "search_base": tree.search_base,
            "group_base": tree.group_base,
            "posix_group_base": tree.posix_group_base,
            "group_placeholder": tree.group_placeholder,
        }
        with self._pool.session() as session:
            for setting, dn in names.items():
                if dn is not None and session.read(dn, ["objectClass"]) is None:
                    message = f"{setting}: {dn} is not there or not shown to the service account"
                    yield Finding("rights", Severity.ERROR, message, "create the entry or correct the setting")

    def _counter(self) -> Iterator[Finding]:
        counter = self._tree.posix_counter
        if counter is None:
            return
        with self._pool.session() as session:
            try:
                number = PosixAccounts(self._tree).next_number(session, counter)
            except ConnectorError as error:
                yield Finding("rights", Severity.ERROR, str(error), "create the entry or correct the setting")
                return
            # The number for itself changes nothing; rights are judged all the same.
            answer = session.modify(counter, {POSIX_COUNTER: swapped(str(number), str(number))})
        if answer.code not in (SUCCESS, NO_SUCH_ATTRIBUTE):
            message = f"the service account may not count on in {counter}"
            yield Finding("rights", Severity.ERROR, message, f"give it write access to {POSIX_COUNTER}")

    def _groups(self) -> Iterator[Finding]:
        settings = self._tree
        if settings.group_base is None or not settings.entitlements:
            return
        with self._pool.session() as session:
            found = session.search(settings.group_base, present(settings.member_attribute), ["1.1"])
            refused = [group.dn for group in found if not self._may_change_members(session, group.dn)]
        for dn in refused:
            message = f"the service account may not change the members of {dn}"
            yield Finding("rights", Severity.ERROR, message, f"give it write access to {settings.member_attribute}")
        if not found and not settings.create_groups:
            yield Finding("rights", Severity.WARNING, f"there is no group below {settings.group_base}", "create_groups")

    def _may_change_members(self, session: Session, group: str) -> bool:
        # Removing somebody who is not a member changes nothing; rights are judged before that is noticed.
        stranger = self._shape.dn("siak-provisioner-nobody")
        answer = session.modify(group, {self._tree.member_attribute: removed(stranger)})
        return answer.code in (SUCCESS, NO_SUCH_ATTRIBUTE)

    def _probe(self) -> Iterator[Finding]:
        if not self._tree.probe:
            remedy = "setting probe: an entry of our own, made for a moment, shows it"
            yield findings.cannot_tell("clock", "the directory does not tell its time", remedy)
            yield findings.cannot_tell("rights", "rights on entries are not tried out", remedy)
            return
        for base in self._tree.bases:
            probe = self._new_probe()
            probe.base = base
            yield from probe.findings()
        if probe.created is not None:
            yield findings.clock(self._clock() - probe.created)
