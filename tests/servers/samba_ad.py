"""A private Samba as Active Directory domain controller, with a service account that has only the rights it needs.

    domain = shared_samba_ad()
    with domain.office() as office:
        connector = ActiveDirectoryConnector.from_settings(office.settings(), ConnectorContext("ad"))

Needs the Debian packages ``samba``, ``samba-ad-dc`` and ``samba-ad-provision``, and root: Samba's LDAP ports are 389
and 636 and nothing else, so it runs in a network namespace of its own. Making a domain takes ten seconds; it is done
once for a machine and kept below ``build/``, and every process of tests starts a copy of it. Each test gets an empty
organisational unit; user names are unique in the whole domain, so it is emptied again afterwards.
"""

import atexit
import contextlib
import fcntl
import functools
import hashlib
import itertools
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ldap3 import BASE, MODIFY_REPLACE, SUBTREE, Connection, Server, Tls

from tests.servers import standstill
from tests.servers.certificates import write_certificates

SUFFIX = "DC=dinas,DC=test"
ADMINISTRATOR = f"CN=Administrator,CN=Users,{SUFFIX}"
ADMINISTRATOR_PASSWORD = "Adm1n-Passw0rd!"
OFFICES = f"OU=Kantor,{SUFFIX}"
BIND_DN = f"CN=provisioner,OU=Layanan,{SUFFIX}"
BIND_PASSWORD = "Service-account-passw0rd"
ROLE_GROUPS = ("peran-OPERATOR_DAFDUK", "peran-OPERATOR_CAPIL", "wilayah-35.76.01", "wilayah-35.76.02")
STRICT = f"CN=strict,CN=Password Settings Container,CN=System,{SUFFIX}"

WRITTEN = {
    "sAMAccountName": "3e0abfd0-126a-11d0-a060-00aa006c33ed",
    "userPrincipalName": "28630ebb-41d5-11d1-a9c1-0000f80367c1",
    "userAccountControl": "bf967a68-0de6-11d0-a285-00aa003049e2",
    "pwdLastSet": "bf967a0a-0de6-11d0-a285-00aa003049e2",
    "lockoutTime": "28630ebf-41d5-11d1-a9c1-0000f80367c1",
    "extensionName": "bf967972-0de6-11d0-a285-00aa003049e2",
    "cn": "bf96793f-0de6-11d0-a285-00aa003049e2",
    "name": "bf967a0e-0de6-11d0-a285-00aa003049e2",
    "displayName": "bf967953-0de6-11d0-a285-00aa003049e2",
    "sn": "bf967a41-0de6-11d0-a285-00aa003049e2",
    "mail": "bf967961-0de6-11d0-a285-00aa003049e2",
    "telephoneNumber": "bf967a49-0de6-11d0-a285-00aa003049e2",
    "title": "bf967a55-0de6-11d0-a285-00aa003049e2",
    "department": "bf96794f-0de6-11d0-a285-00aa003049e2",
    "employeeNumber": "a8df73ef-c5ea-11d1-bbcb-0080c76670c0",
}
"""What the service account may write of a user, with the schema's ids."""

_USER, _GROUP = "bf967aba-0de6-11d0-a285-00aa003049e2", "bf967a9c-0de6-11d0-a285-00aa003049e2"
DELEGATION = "".join(
    (
        f"(OA;CI;CCDC;{_USER};;{{sid}})",  # create and delete users
        f"(OA;CIIO;RP;;{_USER};{{sid}})",  # read them
        *(f"(OA;CIIO;WP;{attribute};{_USER};{{sid}})" for attribute in WRITTEN.values()),
        f"(OA;CIIO;CR;00299570-246d-11d0-a768-00aa006e0529;{_USER};{{sid}})",  # reset passwords
        f"(OA;CIIO;RPWP;bf9679c0-0de6-11d0-a285-00aa003049e2;{_GROUP};{{sid}})",  # members of groups
    )
)
"""As in docs/active-directory.md: create, change, reset and remove users, and change groups' members."""

_CACHE = Path(__file__).parents[2] / "build"
_CONFIGURATION = """[global]
 realm = DINAS.TEST
 workgroup = DINAS
 netbios name = DC1
 server role = active directory domain controller
 server services = ldap
 dcerpc endpoint servers = -winreg -srvsvc
 private dir = {folder}/private
 state directory = {folder}/state
 cache directory = {folder}/cache
 lock directory = {folder}
 pid directory = {folder}/run
 ncalrpc dir = {folder}/run/ncalrpc
 log file = {folder}/log.samba
 logging = file
 interfaces = 127.0.0.1
 bind interfaces only = yes
 tls enabled = yes
 tls certfile = {folder}/server.pem
 tls keyfile = {folder}/server.key
 tls cafile = {folder}/ca.pem
 ldap server require strong auth = yes
 old password allowed period = {old_password_minutes}
"""


class SambaFailed(RuntimeError):
    """Samba, or a command of it, did not do what it should; carries what it printed."""


class SambaAd:
    """One private domain controller.

    :param old_password_minutes: how long a changed password still signs in beside the new one; Samba's own default
        is 60.
    """

    def __init__(self, folder: Path, *, old_password_minutes: int = 0, certificate_days: int = 90) -> None:
        self.folder = folder
        shutil.copytree(_made_domain(), folder, symlinks=True)
        self.ca_file = str(write_certificates(folder, certificate_days).ca)
        (folder / "run").mkdir(exist_ok=True)
        configuration = _CONFIGURATION.format(folder=folder, old_password_minutes=old_password_minutes)
        (folder / "smb.conf").write_text(configuration)
        self.bind_password_file = folder / "bind.password"
        self.bind_password_file.write_text(BIND_PASSWORD + "\n")
        self.bind_password_file.chmod(0o600)
        self._listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.ldap_url, self.ldaps_url = (
            f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
            for scheme, listener in zip(("ldap", "ldaps"), self._listeners, strict=True)
        )
        self._relay: subprocess.Popen[bytes] | None = None
        self._administrator: Connection | None = None
        self._numbers = itertools.count(1)
        self._idle: list[Office] = []
        self.pid = 0

    def start(self) -> None:
        """Start on the same ports with the same data; returns when TLS is spoken."""
        relays = [f"{one.fileno()}:{port}" for one, port in zip(self._listeners, (389, 636), strict=True)]
        samba = ["samba", "-i", "-M", "single", "-s", str(self.folder / "smb.conf"), "--debuglevel=1"]
        script = str(Path(__file__).with_name("own_network.py"))
        with (self.folder / "samba.output").open("ab") as output:
            self._relay = subprocess.Popen(
                [sys.executable, script, *relays, "--", *samba],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                pass_fds=[one.fileno() for one in self._listeners],
            )
        assert self._relay.stdout is not None
        self.pid = int(self._relay.stdout.readline() or 0)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._relay.poll() is None:
            try:
                self._shake_hands()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        raise SambaFailed((self.folder / "samba.output").read_text(errors="replace"))

    def stop(self) -> None:
        """End it in good order. Stopped already is fine."""
        if self._administrator is not None:
            self._administrator.strategy.close()
            self._administrator = None
        relay, self._relay = self._relay, None
        if relay is None:
            return
        relay.send_signal(signal.SIGTERM)
        try:
            relay.wait(20)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            relay.kill()
            relay.wait(20)
        for pipe in (relay.stdin, relay.stdout):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        """Stop, and give the ports back."""
        self.stop()
        for listener in self._listeners:
            listener.close()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Without an answer meanwhile; what is sent is carried out afterwards."""
        standstill.stop([self.pid])
        try:
            yield
        finally:
            standstill.go_on([self.pid])

    @property
    def administrator(self) -> Connection:
        """The connection of the domain's administrator. Samba closes one that was idle for fifteen minutes
        (MaxConnIdleTime), which is shorter than other tests may take in between: then it is a new one.
        """
        if self._administrator is not None and not _stands(self._administrator):
            self._administrator.strategy.close()
            self._administrator = None
        if self._administrator is None:
            self._administrator = self.connection(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
            assert self._administrator.bind(), self._administrator.result
        return self._administrator

    def connection(self, user: str, password: str) -> Connection:
        """A connection over TLS, not signed in yet."""
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.ca_file, version=ssl.PROTOCOL_TLS_CLIENT)
        tls.validate = ssl.CERT_NONE  # ldap3 cannot compare host names any more; the tests of TLS are the connector's.
        server = Server("127.0.0.1", int(self.ldaps_url.rpartition(":")[2]), use_ssl=True, get_info="NO_INFO")
        return Connection(server, user, password, check_names=False)

    @contextmanager
    def office(self) -> Iterator["Office"]:
        """An empty unit with groups of its own; emptied afterwards, and used again."""
        office = self._idle.pop() if self._idle else self._new_office()
        try:
            yield office
        finally:
            office.clear()
            self._idle.append(office)

    def _new_office(self) -> "Office":
        office = Office(self, f"OU=kantor-{next(self._numbers)},{OFFICES}")
        for unit in (office.dn, office.people, office.groups):
            self.add(unit, "organizationalUnit")
        for name in ROLE_GROUPS:
            self.add(f"CN={name},{office.groups}", "group")
        return office

    def add(self, dn: str, kind: str, **values: Any) -> None:
        """An entry, as the administrator."""
        done = self.administrator.add(dn, kind, values)
        assert done, self.administrator.result["message"]

    def set(self, dn: str, **values: Any) -> None:
        """Replace attributes of an entry, as the administrator; None removes one."""
        changes = {name: [(MODIFY_REPLACE, [] if value is None else [value])] for name, value in values.items()}
        assert self.administrator.modify(dn, changes), self.administrator.result["message"]

    def show(self, dn: str, *attributes: str) -> dict[str, list[bytes]]:
        """An entry's values, as the administrator sees them."""
        self.administrator.search(dn, "(objectClass=*)", BASE, attributes=list(attributes) or ["*"])
        (entry,) = (one for one in self.administrator.response if one["type"] == "searchResEntry")
        values: dict[str, list[bytes]] = entry["raw_attributes"]
        return values

    def _shake_hands(self) -> None:
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        port = self._listeners[1].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5) as line, anybody.wrap_socket(line):
            pass


def _stands(connection: Connection) -> bool:
    """Whether it is open. A server never speaks first except to say good-bye."""
    line = connection.socket
    return line is not None and line.fileno() >= 0 and not select.select([line], [], [], 0)[0]


@dataclass(frozen=True)
class Office:
    """An organisational unit of one test."""

    domain: SambaAd
    dn: str

    @property
    def people(self) -> str:
        """Where its accounts are."""
        return f"OU=akun,{self.dn}"

    @property
    def groups(self) -> str:
        """Where its groups are."""
        return f"OU=grup,{self.dn}"

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Settings for the connector; an override of None takes a key out."""
        settings: dict[str, Any] = {
            "urls": [self.domain.ldaps_url],
            "ca_file": self.domain.ca_file,
            "bind_dn": BIND_DN,
            "bind_password_file": str(self.domain.bind_password_file),
            "people_base": self.people,
            "group_base": self.groups,
            "entitlements": {"*": ["peran-{role}", "wilayah-{region}"]},
        }
        return {name: value for name, value in (settings | overrides).items() if value is not None}

    def add_people(self, usernames: Iterable[str]) -> None:
        """Strangers' accounts, disabled and without a password."""
        for username in usernames:
            self.domain.add(f"CN={username},{self.people}", "user", sAMAccountName=username)

    def clear(self) -> None:
        """Remove every account."""
        administrator = self.domain.administrator
        administrator.search(self.people, "(objectClass=user)", SUBTREE, attributes=["1.1"])
        for entry in [one for one in administrator.response if one["type"] == "searchResEntry"]:
            assert administrator.delete(entry["dn"]), administrator.result["message"]

    def person(self, username: str) -> str:
        """The name of the entry with this user name."""
        self.domain.administrator.search(self.people, f"(sAMAccountName={username})", SUBTREE, attributes=["1.1"])
        (entry,) = (one for one in self.domain.administrator.response if one["type"] == "searchResEntry")
        return str(entry["dn"])


@functools.cache
def shared_samba_ad() -> SambaAd:
    """The domain controller of this process; started when it is first asked for, ended with the process."""
    folder = Path(tempfile.mkdtemp(prefix="samba-ad-"))
    domain = SambaAd(folder / "dc")

    def end() -> None:
        domain.close()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    domain.start()
    return domain


def _made_domain() -> Path:
    """A domain as it is when it was just made; made once, whoever asks first."""
    version = subprocess.run(["samba", "--version"], check=True, capture_output=True).stdout
    recipe = hashlib.sha256(version + Path(__file__).read_bytes()).hexdigest()[:16]
    _CACHE.mkdir(exist_ok=True)
    made = _CACHE / f"samba-ad-{recipe}"
    with (_CACHE / "samba-ad.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in _CACHE.glob("samba-ad-*"):
                shutil.rmtree(old, ignore_errors=True)
            draft = _CACHE / "samba-ad-draft"
            _make_domain(draft)
            draft.rename(made)
    return made


def _make_domain(folder: Path) -> None:
    _samba_tool(
        *("domain", "provision", f"--targetdir={folder}", "--realm=DINAS.TEST", "--domain=DINAS", "--server-role=dc"),
        *("--dns-backend=NONE", f"--adminpass={ADMINISTRATOR_PASSWORD}", "--host-name=dc1", "--host-ip=127.0.0.1"),
    )
    here = (f"--configfile={folder / 'etc' / 'smb.conf'}", "-H", str(folder / "private" / "sam.ldb"))
    policy = ("domain", "passwordsettings")
    _samba_tool(
        *(*policy, "set", "--complexity=on", "--history-length=3", "--min-pwd-length=10", "--min-pwd-age=0"),
        *("--max-pwd-age=0", "--account-lockout-threshold=5", *here),
    )
    strict = ("--min-pwd-length=14", "--min-pwd-age=1", "--complexity=on", "--history-length=5")
    _samba_tool(*policy, "pso", "create", "strict", "1", *strict, *here)
    for unit in ("OU=Layanan", "OU=Kantor"):
        _samba_tool("ou", "create", f"{unit},{SUFFIX}", *here)
    _samba_tool("user", "create", "provisioner", BIND_PASSWORD, "--userou=OU=Layanan", *here)
    shown = _samba_tool("user", "show", "provisioner", "--attributes=objectSid", *here)
    sid = shown.partition("objectSid: ")[2].split()[0]
    _samba_tool("dsacl", "set", f"--objectdn={OFFICES}", f"--sddl={DELEGATION.format(sid=sid)}", *here)


def _samba_tool(*arguments: str) -> str:
    done = subprocess.run(["samba-tool", *arguments], capture_output=True, check=False)
    if done.returncode:
        raise SambaFailed((done.stdout + done.stderr).decode(errors="replace"))
    return done.stdout.decode()
