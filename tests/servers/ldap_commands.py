"""Debian's own LDAP commands against a private slapd: what another application, or a person at a shell, would do."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.directory_tree import BIND_DN, PEOPLE
from tests.servers.slapd import Slapd


@dataclass(frozen=True)
class Outcome:
    """How a command ended; ``code`` is the LDAP result code."""

    code: int
    output: str


class LdapCommands:
    """ldapmodify, ldappasswd, ldapsearch. TLS is verified; passwords go through files, not arguments."""

    def __init__(self, directory: Slapd) -> None:
        self._directory = directory

    def modify(self, ldif: str) -> Outcome:
        """Apply LDIF changes as the service account."""
        return self._run("ldapmodify", BIND_DN, self._directory.bind_password_file.read_text().strip(), stdin=ldif)

    def set(self, dn: str, **values: str) -> None:
        """Replace attributes of an entry as the service account; an empty value removes the attribute."""
        lines = [f"dn: {dn}", "changetype: modify"]
        for name, value in values.items():
            lines += [f"replace: {name}", *([f"{name}: {value}"] if value else []), "-"]
        done = self.modify("\n".join(lines) + "\n")
        assert done.code == 0, done.output

    def change_password(self, username: str, old: str, new: str) -> Outcome:
        """ldappasswd, as the user."""
        old_file, new_file = self._secret("old", old), self._secret("new", new)
        return self._run("ldappasswd", _person(username), old, "-t", str(old_file), "-T", str(new_file))

    def reset_password(self, username: str, new: str) -> Outcome:
        """ldappasswd, as the service account: what a help desk does."""
        password = self._directory.bind_password_file.read_text().strip()
        return self._run("ldappasswd", BIND_DN, password, "-T", str(self._secret("new", new)), _person(username))

    def read_own_entry(self, username: str, password: str) -> Outcome:
        """ldapsearch, as the user: what an application does that only binds and looks."""
        dn = _person(username)
        return self._run("ldapsearch", dn, password, "-LLL", "-s", "base", "-b", dn, "uid")

    def show(self, username: str) -> str:
        """All attributes of a person's entry, as the service account sees them, in LDIF."""
        password = self._directory.bind_password_file.read_text().strip()
        arguments = ("-LLL", "-o", "ldif-wrap=no", "-s", "base", "-b", _person(username), "*", "+")
        return self._run("ldapsearch", BIND_DN, password, *arguments).output

    def _secret(self, name: str, text: str) -> Path:
        file = self._directory.folder / f"{name}.secret"
        file.write_text(text)
        file.chmod(0o600)
        return file

    def _run(self, command: str, dn: str, password: str, *arguments: str, stdin: str = "") -> Outcome:
        common = ["-x", "-H", self._directory.ldaps_url, "-D", dn, "-y", str(self._secret("bind", password))]
        environment = {**os.environ, "LDAPTLS_CACERT": self._directory.ca_file, "LDAPTLS_REQCERT": "demand"}
        done = subprocess.run(
            [command, *common, *arguments],
            input=stdin.encode(),
            env=environment,
            capture_output=True,
            check=False,
            timeout=30,
        )
        return Outcome(done.returncode, (done.stdout + done.stderr).decode(errors="replace"))


def _person(username: str) -> str:
    return f"uid={username},{PEOPLE}"
