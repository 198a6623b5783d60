"""The first settings of an office, from the few answers that the package asks for. What is wrong is told by question.

Run as ``python -m provisioner.first_settings settings FOLDER``, with the answers as ``question=answer`` lines on
standard input: it writes all of the settings or nothing, and ends with 1 and ``question: reason`` where an answer is
wrong. ``office FOLDER`` writes the files that name the region of the first line, ``region -`` only looks at it.
"""

import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from provisioner.errors import ConfigurationError
from provisioner.settings import load_settings
from provisioner.settings.loading import EMBEDDED_FILE
from provisioner.settings.store_password import with_password
from provisioner.store.migration import revision

REGION = "Kota Mojokerto"
"""The region that the office's files name as they come with the project."""
NAMING_THE_REGION = ("office.toml", "procedure.toml")
"""The office's files that do."""
_REACHED_LATER = "# A system in which operators get accounts is still missing: see docs/connectors.md.\n"
_ENGINE = """\
# Where several machines share the work (docs/many-machines.md): workers carry it out.
# [dispatch]
# engine = "procrastinate"
# [runner]
# threads = 1
"""
_COMMENTS = """\
# The site's certificate as the proxy uses it, to be told in time that it ends.
# [upkeep]
# certificate = "/etc/ssl/siak/siak.pem"

# Who besides this machine may read /metrics, /healthz and /readyz (docs/monitoring.md).
# [metrics]
# networks = ["127.0.0.0/8", "::1/128", "10.0.0.5/32"]

"""
_TABLE = """\
# For trying out: a table of accounts in a file stands for the office's account database.
[targets.akun]
kind = "table"
label = "Basis data akun"
sign_in = true

[targets.akun.settings]
url = "sqlite:///{data_dir}/accounts.db"
create_tables = true
"""


class WrongAnswer(ValueError):
    """An answer that cannot be used. ``question`` names it, the reason never quotes a secret."""

    def __init__(self, question: str, reason: str) -> None:
        super().__init__(f"{question}: {reason}")
        self.question = question


@dataclass(frozen=True)
class Answers:
    """What was answered."""

    data_dir: str = "/var/lib/siak-provisioner"
    backup_dir: str = "/var/backups/siak-provisioner"
    store_url: str = ""
    """Empty: a file on this machine."""
    store_password: str = ""
    public_url: str = ""
    system: str = "later"
    """``table`` or ``later``."""

    @classmethod
    def read(cls, text: str) -> "Answers":
        """From ``question=answer`` lines. :raises WrongAnswer: a question that nobody asked."""
        given = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        for name in given:
            if name not in cls.__dataclass_fields__:
                raise WrongAnswer(name, "is not a question")
        if given.get("system", "later") not in ("table", "later"):
            raise WrongAnswer("system", "must be table or later")
        return cls(**given)

    def settings_text(self) -> str:
        """The settings file."""
        lines = [
            "# Written once, when the package was installed; it is yours from now on. Every setting: docs/settings.md.",
            "# Keys and passwords lie in credentials/, and systemd passes copies on as {credentials}/NAME.",
            f"data_dir = {_text(self.data_dir)}",
            'office_dir = "office"',
            "",
            *self._store_lines(),
            "[keys]",
            'file = "{credentials}/keyring.json"',
            "",
            "[web]",
            'host = "127.0.0.1"',
            "port = 8080",
            *([f"public_url = {_text(self.public_url)}", "trusted_proxies = 1"] if self.public_url else []),
            "",
            "[backup]",
            f"folder = {_text(self.backup_dir)}",
            "",
        ]
        return "\n".join(lines) + "\n" + _COMMENTS + (_TABLE if self.system == "table" else _REACHED_LATER)

    def _store_lines(self) -> list[str]:
        """The database of several machines, and how it is shared by them; nothing for a file on this one."""
        if not self.store_url:
            return []
        password = ['password_file = "{credentials}/store-password"'] if self.store_password else []
        return ["[store]", f"url = {_text(self.address)}", *password, "", _ENGINE]

    @property
    def address(self) -> str:
        """The address of a PostgreSQL database as the store takes it."""
        place = self.store_url.partition("://")[2]
        return f"postgresql+psycopg://{place}" if self.store_url.startswith("postgresql://") else self.store_url


def write(answers: Answers, folder: Path) -> None:
    """Write ``provisioner.toml`` and what it needs below ``folder``, after trying it: all or nothing.

    :raises WrongAnswer: an answer cannot be used, or no database answers at that address.
    """
    files = {Path("provisioner.toml"): (answers.settings_text(), 0o640)}
    if answers.store_password:
        files[Path("credentials/store-password")] = (answers.store_password + "\n", 0o600)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".first-") as name:
        trial = Path(name)
        (trial / "credentials").mkdir(mode=0o700)
        for file, (text, mode) in files.items():
            (trial / file).touch(0o600)
            (trial / file).write_text(text, "utf-8")
            (trial / file).chmod(mode)
        _try_settings(trial / "provisioner.toml")
        if answers.store_url:
            _try_store(answers, trial / "credentials" / "store-password")
        # The settings come last: while they are missing, nothing else counts.
        for file in sorted(files, key=lambda each: each.name == "provisioner.toml"):
            (trial / file).replace(folder / file)


def _try_settings(file: Path) -> None:
    try:
        load_settings(file)
    except ConfigurationError as error:
        raise WrongAnswer("public_url" if "public_url" in str(error) else "settings", error.reason) from None


def _try_store(answers: Answers, password_file: Path) -> None:
    if not answers.address.startswith("postgresql+psycopg://"):
        raise WrongAnswer("store_url", "must begin with postgresql://")
    try:
        revision(with_password(answers.address, password_file) if answers.store_password else answers.address)
    except ConfigurationError as error:
        raise WrongAnswer("store_url", error.reason) from None
    except DBAPIError as error:
        raise WrongAnswer("store_url", " ".join(str(error.orig).split())) from None
    except (SQLAlchemyError, ValueError):
        raise WrongAnswer("store_url", "is not an address like postgresql://user@host/database") from None


def write_office(region: str, folder: Path) -> None:
    """Write the office's files that name the region, with ``region`` in them, into ``folder``.

    :raises WrongAnswer: it is not the name of a city or a regency.
    """
    city = city_of(region)
    for name in NAMING_THE_REGION:
        text = (EMBEDDED_FILE.parent / name).read_text("utf-8")
        text = text.replace(REGION, region).replace(REGION.upper(), region.upper())
        if region != REGION:
            text = re.sub(r'^city = ".*"$', f"city = {_text(city)}", text, flags=re.MULTILINE)
            text = re.sub(r'^site = ".*"$', 'site = ""', text, flags=re.MULTILINE)
        (folder / name).write_text(text, "utf-8")


def city_of(region: str) -> str:
    """``Mojokerto`` for ``Kota Mojokerto``. :raises WrongAnswer: it is not the name of a city or a regency."""
    kind, _, city = region.partition(" ")
    if kind not in ("Kota", "Kabupaten") or not re.fullmatch(r"[A-Z][A-Za-z' -]*[a-z]", city):
        raise WrongAnswer("region", "must be like Kota Mojokerto or Kabupaten Mojokerto")
    return city


def _text(value: str) -> str:
    """As TOML writes it: JSON's way is one of TOML's."""
    return json.dumps(value, ensure_ascii=False)


def main(what: str, folder: Path) -> int:
    """Carry out what the package asks for; gives the exit code."""
    try:
        match what:
            case "settings":
                write(Answers.read(sys.stdin.read()), folder)
            case "office":
                write_office(sys.stdin.readline().strip(), folder)
            case _:
                city_of(sys.stdin.readline().strip())
    except WrongAnswer as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
