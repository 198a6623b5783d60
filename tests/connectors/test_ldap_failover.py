"""Two real OpenLDAP servers that replicate each other, and one connector that knows both."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.contract.subject import cheap_argon2id, marker_of, new_account, next_version
from connectors.ldap import LdapConnector
from provisioner.connector import Changes, ConnectorContext, RemoteAccount, StaleVersion, TargetUnavailable
from tests.servers.directory_tree import BIND_DN, BIND_PASSWORD, SUFFIX
from tests.servers.slapd import Slapd, free_port, private_slapd

NAMES = ("first", "second")


@dataclass(frozen=True)
class Pair:
    """Both servers, the connector that knows both, and one for each server alone to look with."""

    servers: tuple[Slapd, Slapd]
    connector: LdapConnector
    alone: tuple[LdapConnector, LdapConnector]

    def seen_by(self, number: int, account: RemoteAccount) -> RemoteAccount | None:
        """The account as one server holds it."""
        found = self.alone[number].find(marker_of(account).account_id)
        return found[0] if found else None


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    ports = [(free_port(), free_port()) for _ in NAMES]
    with ExitStack() as stack:
        servers = []
        for number, name in enumerate(NAMES):
            # Each speaks to the other; the service account may read everything, so it replicates too.
            syncrepl = (
                f"syncrepl rid=00{number + 1} provider=ldaps://127.0.0.1:{ports[1 - number][1]} searchbase={SUFFIX} "
                f"type=refreshAndPersist retry=1,+ bindmethod=simple binddn={BIND_DN} credentials={BIND_PASSWORD} "
                f"tls_cacert={tmp_path / NAMES[1 - number] / 'slapd' / 'ca.pem'} schemachecking=off"
            )
            (tmp_path / name).mkdir()
            servers.append(
                stack.enter_context(
                    private_slapd(
                        tmp_path / name,
                        ports=ports[number],
                        empty=number > 0,
                        global_lines=f"serverID {number + 1}",
                        database_lines=f"{syncrepl}\nmultiprovider on",
                        last_bind=False,
                    )
                )
            )
        first, second = servers
        both = tmp_path / "authorities.pem"
        both.write_text(Path(first.ca_file).read_text() + Path(second.ca_file).read_text())
        settings = [
            first.settings(urls=[first.ldaps_url, second.ldaps_url], ca_file=str(both), connect_timeout=1),
            first.settings(),
            second.settings(),
        ]
        connectors = [LdapConnector.from_settings(each, ConnectorContext("direktori", 10)) for each in settings]
        for each in connectors:
            stack.callback(each.close)
        connector, *alone = connectors
        ready = Pair((first, second), connector, (alone[0], alone[1]))
        eventually(lambda: _holds_the_tree(alone[1]))
        yield ready


def _holds_the_tree(connector: LdapConnector) -> bool:
    return not any(finding.severity.value == "error" for finding in connector.check())


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds, as replication takes as long as it takes; far too long is a failure."""
    deadline = time.monotonic() + 60
    while True:
        try:
            if holds():
                return
        except TargetUnavailable:
            pass
        assert time.monotonic() < deadline, "the servers do not agree"
        time.sleep(0.05)


def test_when_one_provider_is_gone_the_other_takes_the_writes_and_keeps_them(pair: Pair) -> None:
    connector, (first, second) = pair.connector, pair.servers
    created = connector.create(new_account(verifier=cheap_argon2id("satu dua tiga"), generation=1))
    eventually(lambda: pair.seen_by(1, created) == created)

    first.kill()
    suspended = connector.update(created, Changes(enabled=False), next_version(created))
    assert pair.seen_by(1, created) == suspended

    # The first is back, and may not have heard of the last write yet: nobody goes back to it on that account.
    first.start()
    newest = connector.update(suspended, Changes(), next_version(suspended))
    assert connector._pool._preferred == second.ldaps_url
    assert pair.seen_by(1, created) == newest
    eventually(lambda: pair.seen_by(0, created) == newest)

    # A worker that slept through all of this is stale wherever it writes.
    second.kill()
    with pytest.raises(StaleVersion):
        connector.update(created, Changes(enabled=True), next_version(created))
    assert connector.find(marker_of(created).account_id) == [newest]
