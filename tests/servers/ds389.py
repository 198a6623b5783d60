"""A private 389 Directory Server: TLS, must-change, groups, unique names, last sign-in.

    directory = shared_ds389()
    connector = Ds389Connector.from_settings(directory.fresh_tree().settings(), ConnectorContext("direktori"))

Needs the Debian packages ``389-ds-base`` and ``ldap-utils``; no instance of the machine's own is used or touched. The
instance is put together from the template that ``dscreate`` fills in too: ``dscreate`` itself takes ten seconds, most
of them asleep. It starts once for each process of tests and gives each test an empty tree of its own.
"""

import atexit
import functools
import getpass
import itertools
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from connectors.ds389.pbkdf2 import derive
from tests.servers.certificates import write_certificates

MANAGER = "cn=Directory Manager"
MANAGER_PASSWORD = "directory-manager-password"
SUFFIX = "dc=dinas,dc=test"
BIND_DN = f"cn=provisioner,ou=services,{SUFFIX}"
BIND_PASSWORD = "service-account-password"
ROLE_GROUPS = ("peran-OPERATOR_DAFDUK", "peran-OPERATOR_CAPIL", "wilayah-35.76.01", "wilayah-35.76.02")
POLICY: Mapping[str, str] = {
    "passwordMustChange": "on",
    "passwordCheckSyntax": "on",
    "passwordMinLength": "10",
    # Otherwise three letters in a row that also stand in somebody's name or unit are too many.
    "passwordMinTokenLength": "64",
    "passwordHistory": "on",
    "passwordInHistory": "3",
    "passwordLockout": "on",
    "passwordMaxFailure": "3",
}
"""The server's password policy when it starts, in ``cn=config``."""

_TEMPLATE = Path("/usr/share/dirsrv/data/template-dse.ldif")
_PLUGINS = (
    *("MemberOf Plugin", "referential integrity postoperation", "attribute uniqueness", "Account Policy Plugin"),
    *("Retro Changelog Plugin", "Content Synchronization"),
)

_FURTHER = """
dn: cn=unique marker,cn=plugins,cn=config
objectClass: top
objectClass: nsSlapdPlugin
objectClass: extensibleObject
cn: unique marker
nsslapd-pluginpath: libattr-unique-plugin
nsslapd-plugininitfunc: NSUniqueAttr_Init
nsslapd-plugintype: betxnpreoperation
nsslapd-pluginenabled: on
uniqueness-attribute-name: carLicense
uniqueness-top-entry-oc: domain
uniqueness-subtree-entries-oc: inetOrgPerson
nsslapd-plugin-depends-on-type: database
nsslapd-pluginId: NSUniqueAttr
nsslapd-pluginVersion: 1
nsslapd-pluginVendor: 389 Project
nsslapd-pluginDescription: Enforce unique attribute values

dn: cn=carLicense,cn=default indexes,cn=config,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: nsIndex
cn: carLicense
nssystemindex: false
nsindextype: eq
nsindextype: sub
"""

# Added to the running server: only then it makes the indexes that a back end has by default.
_BACKEND = f"""
dn: cn=userroot,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userroot
nsslapd-suffix: {SUFFIX}
nsslapd-cachememsize: 20000000
nsslapd-dncachememsize: 10000000

dn: cn=dc\\3Ddinas\\2Cdc\\3Dtest,cn=mapping tree,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: {SUFFIX}
nsslapd-state: backend
nsslapd-backend: userroot
"""

_READABLE = (
    'aci: (targetattr!="userPassword || carLicense")(version 3.0; acl "read"; allow (read, search, compare) '
    'userdn="ldap:///all";)\n'
)
# The rules of docs/389ds.md, and no more: what the service account can do in the tests, it can do at an office.
_ATTRIBUTES = (
    "objectClass || uid || cn || sn || displayName || mail || telephoneNumber || title || ou || employeeNumber "
    "|| carLicense || memberOf || nsUniqueId || createTimestamp || userPassword || nsAccountLock "
    "|| passwordExpirationTime || pwdReset || accountUnlockTime || passwordRetryCount || pwdpolicysubentry "
    "|| lastLoginTime"
)
_PEOPLE_RULES = (
    f'aci: (targetattr="{_ATTRIBUTES}")(version 3.0; acl "provisioner: attributes"; '
    f'allow (read, search, compare, write) userdn="ldap:///{BIND_DN}";)\n'
    f'aci: (version 3.0; acl "provisioner: entries"; allow (add, delete, moddn) userdn="ldap:///{BIND_DN}";)\n'
    'aci: (targetattr="userPassword")(version 3.0; acl "own password"; allow (write) userdn="ldap:///self";)\n'
)
_GROUP_RULES = (
    'aci: (targetattr="objectClass || cn || member")(version 3.0; acl "provisioner: members"; '
    f'allow (read, search, compare, write) userdn="ldap:///{BIND_DN}";)\n'
    f'aci: (version 3.0; acl "provisioner: new groups"; allow (add) userdn="ldap:///{BIND_DN}";)\n'
)
_POLICY_RULE = (
    '(targetattr="objectClass || passwordMustChange || passwordChange '
    '|| passwordLockout || passwordCheckSyntax || passwordMinLength")(version 3.0; acl "provisioner reads the policy"; '
    f'allow (read, search) userdn="ldap:///{BIND_DN}";)'
)


class Ds389Failed(RuntimeError):
    """The server did not start, or refused what a test asked; carries what it said."""


@dataclass(frozen=True)
class Tree:
    """An empty part of the directory: people, groups and a placeholder."""

    directory: "Ds389"
    base: str

    @property
    def people(self) -> str:
        """Where accounts are."""
        return f"ou=people,{self.base}"

    def person(self, username: str) -> str:
        """The name of a person's entry."""
        return f"uid={username},{self.people}"

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Settings for ``Ds389Connector.from_settings``; an override of None takes a key out."""
        settings: dict[str, Any] = {
            "urls": [self.directory.ldaps_url],
            "ca_file": self.directory.ca_file,
            "bind_dn": BIND_DN,
            "bind_password_file": str(self.directory.bind_password_file),
            "people_base": self.people,
            "group_base": f"ou=groups,{self.base}",
            "entitlements": {"*": ["peran-{role}", "wilayah-{region}"]},
            "group_placeholder": f"cn=nobody,{self.base}",
            "pbkdf2_iterations": 1000,
        }
        return {name: value for name, value in (settings | overrides).items() if value is not None}

    def add_unit(self, name: str) -> str:
        """Another place for accounts, with the same rules; returns its name."""
        dn = f"ou={name},{self.base}"
        self.directory.add([_entry(dn, "organizationalUnit", ou=name) + _PEOPLE_RULES])
        return dn

    def add_people(self, usernames: Sequence[str]) -> None:
        """Entries that are not ours."""
        self.directory.add(_entry(self.person(name), "inetOrgPerson", uid=name, cn=name, sn=name) for name in usernames)


class Ds389:
    """One private server. Keeps its ports and its data over :meth:`stop` and :meth:`start`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._trees = itertools.count(1)
        self._ports = _free_port(), _free_port()
        self.ldap_url = f"ldap://127.0.0.1:{self._ports[0]}"
        self.ldaps_url = f"ldaps://127.0.0.1:{self._ports[1]}"
        for name in ("config/schema", "lock", "tmp", "ldif", "bak", "run", "instance", "log", "db", "home"):
            (folder / name).mkdir(parents=True)
        self.bind_password_file = self._secret("bind.password", BIND_PASSWORD)
        self._manager_file = self._secret("manager.password", MANAGER_PASSWORD)
        # Debian's own copies of these are for the server's user only; nothing in them is needed here.
        (folder / "config" / "slapd-collations.conf").write_text("")
        (folder / "config" / "certmap.conf").write_text("certmap default default\n")
        (folder / "config" / "schema" / "99user.ldif").write_text("dn: cn=schema\nobjectClass: top\ncn: schema\n")
        self._write_configuration()
        self.ca_file = self._write_certificates()

    def start(self) -> None:
        """Start on the same ports with the same data; returns when connections are accepted.

        :raises Ds389Failed: it ended, or did not answer in time.
        """
        command = ["ns-slapd", "-D", str(self.folder / "config"), "-i", str(self.folder / "run" / "pid"), "-d", "0"]
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self._shake_hands()
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.02)
            else:
                return
        self.stop()
        errors = self.folder / "log" / "errors"
        said = [file.read_text(errors="replace") for file in (self.folder / "output", errors) if file.exists()]
        raise Ds389Failed("\n".join(said))

    def stop(self) -> None:
        """End it in good order. Stopped already is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)

    def fresh_tree(self) -> Tree:
        """A part of the directory that nobody else uses."""
        name = f"t{next(self._trees)}"
        tree = Tree(self, f"dc={name},{SUFFIX}")
        placeholder = f"cn=nobody,{tree.base}"
        groups = [
            _entry(f"cn={group},ou=groups,{tree.base}", "groupOfNames", cn=group, member=placeholder)
            for group in ROLE_GROUPS
        ]
        units = [
            _entry(tree.people, "organizationalUnit", ou="people") + _PEOPLE_RULES,
            _entry(f"ou=groups,{tree.base}", "organizationalUnit", ou="groups") + _GROUP_RULES,
        ]
        nobody = _entry(placeholder, "organizationalRole", cn="nobody")
        self.add([_entry(tree.base, "domain", dc=name), nobody, *units, *groups])
        return tree

    def add(self, entries: Iterator[str] | Sequence[str]) -> None:
        """Add entries given as LDIF, as the Directory Manager."""
        self._run("ldapadd", MANAGER, self._manager_file, stdin="\n".join(entries))

    def set(self, dn: str, **values: str) -> None:
        """Replace attributes of an entry as the Directory Manager; an empty value removes the attribute."""
        lines = [f"dn: {dn}", "changetype: modify"]
        for name, value in values.items():
            lines += [f"replace: {name}", *([f"{name}: {value}"] if value else []), "-"]
        self._run("ldapmodify", MANAGER, self._manager_file, stdin="\n".join(lines) + "\n")

    @contextmanager
    def configured(self, **values: str) -> Iterator[None]:
        """Change attributes of ``cn=config`` for a while; afterwards they are as they were at the start."""
        before = {"passwordAdminDN": BIND_DN, **POLICY}
        self.set("cn=config", **values)
        try:
            yield
        finally:
            self.set("cn=config", **{name: before[name] for name in values})

    def reset_password(self, dn: str, new: str) -> None:
        """ldappasswd, as the service account: what a help desk does."""
        arguments = ("-T", str(self._secret("new", new)), dn)
        self._run("ldappasswd", BIND_DN, self.bind_password_file, *arguments)

    def read_own_entry(self, dn: str, password: str) -> str | None:
        """ldapsearch, as the user: what an application does that only binds and looks. None when it is refused."""
        file = self._secret("user.password", password)
        try:
            return self._run("ldapsearch", dn, file, "-LLL", "-s", "base", "-b", dn, "uid")
        except Ds389Failed:
            return None

    def show(self, dn: str, *attributes: str) -> str:
        """An entry as the Directory Manager sees it, in LDIF."""
        arguments = ("-LLL", "-o", "ldif-wrap=no", "-s", "base", "-b", dn, *(attributes or ("*", "+")))
        return self._run("ldapsearch", MANAGER, self._manager_file, *arguments)

    def fill(self) -> None:
        """Put in the suffix, the service account and the rules, when it runs for the first time."""
        self.add([_BACKEND])
        self.add(
            [
                _entry(SUFFIX, "domain", dc="dinas") + _READABLE,
                _entry(f"ou=services,{SUFFIX}", "organizationalUnit", ou="services"),
                _entry(
                    BIND_DN,
                    "applicationProcess",
                    "simpleSecurityObject",
                    cn="provisioner",
                    userPassword=BIND_PASSWORD,
                    nsSizeLimit="-1",
                    nsLookThroughLimit="-1",
                ),
            ]
        )
        self.set("cn=config", aci=_POLICY_RULE)
        # Last: what is created while the first change is demanded must be changed too, the service account included.
        self.set("cn=config", passwordAdminDN=BIND_DN, **POLICY)

    def _write_configuration(self) -> None:
        folder = self.folder
        places = {
            "schema_dir": "config/schema",
            "lock_dir": "lock",
            "tmp_dir": "tmp",
            "cert_dir": "config",
            "ldif_dir": "ldif",
            "bak_dir": "bak",
            "run_dir": "run",
            "inst_dir": "instance",
            "log_dir": "log",
            "config_dir": "config",
            "db_dir": "db",
            "db_home_dir": "home",
            "ldapi": "run/ldapi",
        }
        values = {name: str(folder / place) for name, place in places.items()} | {
            "fqdn": "localhost",
            "ds_port": str(self._ports[0]),
            "ds_user": getpass.getuser(),
            "rootdn": MANAGER,
            "ds_passwd": derive(MANAGER_PASSWORD, 10000),
            "ldapi_enabled": "off",
            "ldapi_autobind": "off",
            "ds_suffix": SUFFIX,
            "db_lib": "bdb",
        }
        text = _TEMPLATE.read_text()
        for name, value in values.items():
            text = text.replace(f"%{name}%", value)
        written = "\n\n".join(self._adjusted(entry) for entry in text.strip().split("\n\n"))
        (folder / "config" / "dse.ldif").write_text(f"{written}\n{_FURTHER}")

    def _adjusted(self, entry: str) -> str:
        """An entry of the template with what this server has otherwise."""
        name = entry.partition("\n")[0].removeprefix("dn: ")
        further = {
            "cn=config": (
                f"nsslapd-secureport: {self._ports[1]}\nnsslapd-security: on\nnsslapd-require-secure-binds: on\n"
                "nsslapd-listenhost: 127.0.0.1\nnsslapd-securelistenhost: 127.0.0.1\nnsslapd-pwpolicy-local: on"
            ),
            "cn=config,cn=Account Policy Plugin,cn=plugins,cn=config": (
                "stateattrname: lastLoginTime\naltstateattrname: createTimestamp\n"
                "specattrname: acctPolicySubentry\nlimitattrname: accountInactivityLimit"
            ),
            "cn=Retro Changelog Plugin,cn=plugins,cn=config": (
                "nsslapd-attribute: nsuniqueid:targetUniqueId\nnsslapd-changelogmaxage: 3d"
            ),
            "cn=config,cn=ldbm database,cn=plugins,cn=config": (
                "nsslapd-cache-autosize: 0\nnsslapd-dbcachesize: 10000000\nnsslapd-db-durable-transaction: off"
            ),
        }
        if name.partition(",")[0].removeprefix("cn=") in _PLUGINS:
            entry = entry.replace("nsslapd-pluginenabled: off", "nsslapd-pluginenabled: on")
            entry = entry.replace("nsslapd-pluginEnabled: off", "nsslapd-pluginEnabled: on")
        if name.startswith("cn=attribute uniqueness,"):
            entry = entry.replace(
                f"uniqueness-subtrees: {SUFFIX}",
                "uniqueness-top-entry-oc: domain\nuniqueness-subtree-entries-oc: inetOrgPerson",
            )
        entry = entry.replace("alwaysrecordlogin: no", "alwaysrecordlogin: yes")
        return "\n".join([entry, further[name]]) if name in further else entry

    def _write_certificates(self) -> str:
        """The server's certificate into its NSS database, by the tools that come with it."""
        config = self.folder / "config"
        files = write_certificates(self.folder)
        pin = self._secret("config/pwdfile.txt", "certificate-database")
        self._secret("config/pin.txt", "Internal (Software) Token:certificate-database\n")
        bundle = config / "server.p12"
        key = load_pem_private_key(files.key.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        bundle.write_bytes(serialize_key_and_certificates(b"Server-Cert", key, certificate, None, NoEncryption()))  # type: ignore[arg-type]
        database = ("-d", f"sql:{config}")
        for command in (
            ("certutil", "-N", *database, "-f", str(pin)),
            ("certutil", "-A", *database, "-f", str(pin), "-n", "CA", "-t", "CT,,", "-i", str(files.ca)),
            ("pk12util", "-i", str(bundle), *database, "-k", str(pin), "-W", ""),
        ):
            _call(command)
        return str(files.ca)

    def _shake_hands(self) -> None:
        """A connection may be taken before the server can speak on it.

        :raises OSError: it cannot yet.
        """
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self._ports[1]), 1) as line, anybody.wrap_socket(line):
            pass

    def _secret(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o600)
        return file

    def _run(self, command: str, dn: str, password_file: Path, *arguments: str, stdin: str = "") -> str:
        common = (command, "-x", "-H", self.ldaps_url, "-D", dn, "-y", str(password_file))
        environment = {**os.environ, "LDAPTLS_CACERT": self.ca_file, "LDAPTLS_REQCERT": "demand"}
        return _call((*common, *arguments), stdin, environment)


@functools.cache
def shared_ds389() -> Ds389:
    """The one server of this process, started when it is first asked for and ended with the process."""
    folder = Path(tempfile.mkdtemp(prefix="ds389-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    directory = Ds389(folder)
    try:
        directory.start()
        directory.fill()
    except BaseException:
        directory.stop()
        raise
    atexit.register(directory.stop)
    return directory


def _call(command: Sequence[str], stdin: str = "", environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, input=stdin.encode(), env=environment, capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise Ds389Failed(f"{command[0]}: {(done.stderr + done.stdout).decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def _entry(dn: str, *classes: str, **values: str) -> str:
    lines = [("dn", dn), *(("objectClass", name) for name in classes), *values.items()]
    return "".join(f"{name}: {value}\n" for name, value in lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
