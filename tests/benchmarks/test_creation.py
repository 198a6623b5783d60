"""How fast accounts are made in directories through the connectors, against the same writes by the raw library.

Both take turns in one run, over TLS, each on one connection. What has to be computed for a password is computed on both
sides; the raw side sends the very same attributes, reads nothing before and nothing after. The disks are the tests'.
"""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from ldap3 import MODIFY_REPLACE, Connection, Server, Tls

from connectors.active_directory import ActiveDirectoryConnector
from connectors.ds389 import Ds389Connector
from connectors.ldap import LdapConnector
from connectors.ldap_client.connector import DirectoryConnector
from provisioner.connector import Changes, ConnectorContext, Marker, NewAccount, Profile, Verifier
from provisioner.verifier import Argon2Cost, Verifiers
from tests.benchmarks.figures import Results
from tests.benchmarks.turns import Turns
from tests.servers import ds389, samba_ad, slapd
from tests.servers.directory_tree import BIND_DN, BIND_PASSWORD

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.filterwarnings("ignore:ssl.match_hostname:DeprecationWarning"),  # ldap3's own way of checking names.
]
ACCOUNTS = 30
ROUNDS = 15
PASSWORD = "Kx7M-tR4w-Zp9N-aB3e-9Qch"
DEWI = Profile("Dewi Lestari Handayani", "Dewi Lestari Handayani, A.Md.", "OPERATOR_DAFDUK", "35.76.02")


def test_accounts_made_in_openldap_against_raw_ldap3(tmp_path: Path, results: Results) -> None:
    verifiers = Verifiers(Argon2Cost())
    with slapd.private_slapd(tmp_path) as directory:
        connector = LdapConnector.from_settings(directory.settings(), ConnectorContext("direktori"))
        raw = _signed_in(directory.ldaps_url, directory.ca_file, BIND_DN, BIND_PASSWORD)
        _with_verifiers(connector, raw, verifiers.make).report(results, "entries", "raw ldap3", "OpenLDAP")


def test_accounts_made_in_389ds_against_raw_ldap3(results: Results) -> None:
    server = ds389.shared_ds389()
    # As many rounds for a verifier as the settings take by themselves, instead of the tests' few.
    settings = server.fresh_tree().settings(pbkdf2_iterations=None)
    connector = Ds389Connector.from_settings(settings, ConnectorContext("direktori"))
    raw = _signed_in(server.ldaps_url, server.ca_file, ds389.BIND_DN, ds389.BIND_PASSWORD)
    _with_verifiers(connector, raw, connector.make_verifier).report(results, "users", "raw ldap3", "389 DS")


def test_accounts_made_in_active_directory_against_raw_ldap3(results: Results) -> None:
    """Three writes, as a clear-text password is issued: made disabled, given its password, enabled."""
    with samba_ad.shared_samba_ad().office() as office:
        connector = ActiveDirectoryConnector.from_settings(office.settings(), ConnectorContext("domain"))
        raw = office.domain.connection(samba_ad.BIND_DN, samba_ad.BIND_PASSWORD)
        assert raw.bind(), raw.result

        def ours(new: NewAccount) -> None:
            made = connector.create(new)
            set_ = connector.set_password(made, PASSWORD, _next(new.marker, 2), must_change=True)
            connector.update(set_, Changes(enabled=True), _next(new.marker, 3))

        def plain(new: NewAccount) -> None:
            dn = connector._shape.dn(new.username)
            _add(raw, dn, connector._shape.new(new))
            password = {"unicodePwd": f'"{PASSWORD}"'.encode("utf-16-le"), "pwdLastSet": "0", "lockoutTime": "0"}
            _replace(raw, dn, password)
            _replace(raw, dn, {"userAccountControl": "512"})

        disabled = _accounts(None)
        turns = _turns(ours, plain, lambda: disabled(enabled=False))
        raw.unbind()
        connector.close()
    turns.report(results, "domain accounts", "raw ldap3", "Active Directory (Samba)")


def _with_verifiers(connector: DirectoryConnector, raw: Connection, make: Callable[[str], Verifier]) -> Turns:
    accounts = _accounts(make)

    def plain(new: NewAccount) -> None:
        _add(raw, connector._described.dn(new.username, new.profile.region), connector._new(new, True))

    turns = _turns(connector.create, plain, accounts)
    raw.unbind()
    connector.close()
    return turns


def _accounts(make: Callable[[str], Verifier] | None) -> Callable[..., NewAccount]:
    names = (f"operator{number:06d}" for number in count())

    def new(*, enabled: bool = True) -> NewAccount:
        verifier = make(PASSWORD) if make else None
        return NewAccount(next(names), Marker(uuid4().hex, 1), DEWI, verifier, must_change=True, enabled=enabled)

    return new


def _turns(ours: Callable[[NewAccount], object], raw: Callable[[NewAccount], object], new: Any) -> Turns:
    return Turns.take(lambda: _rate(ours, new), lambda: _rate(raw, new), ROUNDS)


def _rate(side: Callable[[NewAccount], object], new: Callable[[], NewAccount]) -> float:
    started = time.perf_counter()
    for _ in range(ACCOUNTS):
        side(new())
    return ACCOUNTS / (time.perf_counter() - started)


def _next(marker: Marker, version: int) -> Marker:
    return Marker(marker.account_id, version)


def _signed_in(url: str, ca_file: str, user: str, password: str) -> Connection:
    tls = Tls(ca_certs_file=ca_file, validate=ssl.CERT_REQUIRED)
    return Connection(Server(url, tls=tls, get_info="NO_INFO"), user, password, auto_bind=True, check_names=False)


def _add(raw: Connection, dn: str, attributes: Mapping[str, Sequence[bytes]]) -> None:
    assert raw.add(dn, attributes=dict(attributes)), raw.result


def _replace(raw: Connection, dn: str, values: Mapping[str, object]) -> None:
    assert raw.modify(dn, {name: [(MODIFY_REPLACE, [value])] for name, value in values.items()}), raw.result
