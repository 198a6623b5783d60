"""A private OpenLDAP with everything an office's directory has: TLS, password policy, Argon2, groups, access log.

    with private_slapd(tmp_path) as directory:
        connector = LdapConnector.from_settings(directory.settings(), ConnectorContext("direktori"))

Needs the Debian packages ``slapd`` and ``ldap-utils``; nothing of the machine's own slapd is used or touched.
"""

import base64
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import IO, Any
from urllib.parse import quote

from tests.servers import standstill
from tests.servers.certificates import write_certificates
from tests.servers.directory_tree import (
    BIND_DN,
    BIND_PASSWORD,
    GROUPS,
    PEOPLE,
    PLACEHOLDER,
    POLICY,
    POLICY_VALUES,
    SUFFIX,
    tree_ldif,
)

DISABLE_RULE = f"""access to dn.subtree="{PEOPLE}" filter=(businessCategory=disabled) attrs=userPassword
  by dn.exact="{BIND_DN}" manage
  by * none"""
SYNC = """overlay syncprov
syncprov-checkpoint 1000 5
syncprov-sessionlog 100000"""
UNIQUE = f"""overlay unique
unique_uri "serialize ldap:///{PEOPLE}?uid?sub?(objectClass=inetOrgPerson)"
unique_uri "serialize ldap:///{PEOPLE}?carLicense?sub?(carLicense=siak-provisioner:*)\""""


class SlapdFailed(RuntimeError):
    """slapd did not start; carries what it printed."""


class Slapd:
    """One private slapd. Keeps its ports and its data over :meth:`stop`, :meth:`kill` and :meth:`start`.

    :param policy: attributes of the default password policy to replace; None leaves an attribute out.
    :param manage_passwords: whether the service account holds ``manage`` on ``userPassword``; otherwise ``=xw``.
    :param disable_rule: whether the access rule is there that makes ``businessCategory=disabled`` bar the entry.
    :param argon2: parameters with which the *server* hashes (after a change by the user); cheap by default. Verifiers
        that are sent hold their own.
    :param durable: whether commits reach the disk; False is quicker and right for tests that do not cut the power.
    :param last_bind: whether ``pwdLastSuccess`` is kept.
    :param idle_timeout: seconds after which the server closes an idle connection; 0: never.
    :param rules: further access rules (slapd.access), before the usual ones.
    :param ports: of LDAP and LDAPS, where another server must know them beforehand (:func:`free_port`).
    :param empty: hold nothing at first: the other server that this one replicates brings it.
    :param sync: the overlay of content synchronization as it is set up; empty: there is none.
    :param maxsize: bytes the database may grow to (to fill it up on purpose).
    """

    def __init__(
        self,
        folder: Path,
        *,
        policy: Mapping[str, str | None] | None = None,
        manage_passwords: bool = True,
        disable_rule: bool = True,
        argon2: str = "m=64 t=1 p=1",
        unique: bool = True,
        durable: bool = False,
        last_bind: bool = True,
        idle_timeout: int = 0,
        certificate_days: int = 30,
        maxsize: int = 1 << 30,
        global_lines: str = "",
        database_lines: str = "",
        rules: str = "",
        people: int = 0,
        ports: tuple[int, int] | None = None,
        empty: bool = False,
        sync: str = SYNC,
    ) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("db", "log"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        certificates = write_certificates(folder, certificate_days)
        self.ca_file = str(certificates.ca)
        self.bind_password_file = folder / "bind.password"
        self.bind_password_file.write_text(BIND_PASSWORD + "\n")
        self.bind_password_file.chmod(0o600)
        template = Template(Path(__file__).with_name("slapd.conf.template").read_text())
        self._config = folder / "slapd.conf"
        self._config.write_text(
            template.substitute(
                folder=folder,
                ca=certificates.ca,
                certificate=certificates.certificate,
                key=certificates.key,
                suffix=SUFFIX,
                bind_dn=BIND_DN,
                policy_dn=POLICY,
                argon2=argon2,
                sync="" if durable else "dbnosync",
                maxsize=maxsize,
                rules="\n".join([DISABLE_RULE if disable_rule else "", rules]),
                password_right="manage" if manage_passwords else "=xw",
                sync_overlay=sync,
                unique=UNIQUE if unique else "",
                global_lines="\n".join([f"idletimeout {idle_timeout}", global_lines]),
                database_lines="\n".join(["lastbind on" if last_bind else "", database_lines]),
            )
        )
        values = {name: value for name, value in {**POLICY_VALUES, **(policy or {})}.items() if value is not None}
        if not empty:
            self.load(tree_ldif(values, people))
        self._ports = ports or (free_port(), free_port())
        self.ldap_url = f"ldap://127.0.0.1:{self._ports[0]}"
        self.ldaps_url = f"ldaps://127.0.0.1:{self._ports[1]}"
        self.ldapi_url = "ldapi://" + quote(str(folder / "ldapi"), safe="")

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Settings for ``LdapConnector.from_settings`` that fit this server; an override of None takes a key out."""
        settings: dict[str, Any] = {
            "urls": [self.ldaps_url],
            "ca_file": self.ca_file,
            "bind_dn": BIND_DN,
            "bind_password_file": str(self.bind_password_file),
            "people_base": PEOPLE,
            "policy": POLICY,
            "group_base": GROUPS,
            "entitlements": {"*": ["peran-{role}", "wilayah-{region}"]},
            "group_placeholder": PLACEHOLDER,
        }
        return {name: value for name, value in (settings | overrides).items() if value is not None}

    def load(self, ldif: str) -> None:
        """Add entries while the server is stopped (slapadd)."""
        self._offline("slapadd", ldif)

    def change(self, ldif: str) -> None:
        """Change entries while the server is stopped (slapmodify): no overlay follows, access is not asked."""
        self._offline("slapmodify", ldif)

    def _offline(self, program: str, ldif: str) -> None:
        command = [program, "-q", "-f", str(self._config), "-b", SUFFIX]
        done = subprocess.run(command, input=ldif.encode(), capture_output=True, check=False)
        if done.returncode:
            raise SlapdFailed(done.stderr.decode(errors="replace"))

    def start(self) -> None:
        """Start on the same ports with the same data; returns when connections are accepted."""
        urls = f"{self.ldap_url} {self.ldaps_url} {self.ldapi_url}"
        with (self.folder / "slapd.output").open("ab") as output:
            self._process = self._launch(["slapd", "-f", str(self._config), "-h", urls, "-d", "none"], output)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                self._shake_hands()
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.005)
            else:
                return
        self.kill()
        raise SlapdFailed((self.folder / "slapd.output").read_text(errors="replace"))

    def _launch(self, command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=output, stderr=output)

    def _shake_hands(self) -> None:
        """A connection may be taken before the server can speak on it.

        :raises OSError: it cannot yet.
        """
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self._ports[1]), 1) as line, anybody.wrap_socket(line):
            pass

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        return self._running().pid

    def stop(self) -> None:
        """End it in good order (SIGTERM). Stopped already is fine."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Make it hang without an answer; what is sent meanwhile is carried out after :meth:`thaw`."""
        standstill.stop([self._running().pid])

    def thaw(self) -> None:
        """Let a frozen server go on."""
        standstill.go_on([self._running().pid])

    def dump(self) -> str:
        """Everything it holds as LDIF: the directory, then the access log.

        Values that LDIF shows in base64 follow once more in clear, as comments, so that a search finds them.
        """
        parts = []
        for suffix in (SUFFIX, "cn=log"):
            command = ["slapcat", "-f", str(self._config), "-b", suffix, "-o", "ldif-wrap=no"]
            parts.append(subprocess.run(command, check=True, capture_output=True).stdout.decode())
        lines = "".join(parts).splitlines()
        clear = [f"# {name}: {_decoded(value)}" for name, found, value in (x.partition(":: ") for x in lines) if found]
        return "\n".join([*lines, *clear])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("slapd is not running")
        return self._process

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(with_signal)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


@contextmanager
def private_slapd(folder: Path, **options: Any) -> Iterator[Slapd]:
    """Start a :class:`Slapd` below ``folder/slapd`` (with its options) and end it afterwards."""
    directory = Slapd(folder / "slapd", **options)
    directory.start()
    try:
        yield directory
    finally:
        directory.stop()


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _decoded(value: str) -> str:
    return base64.b64decode(value).decode(errors="replace")
