"""An office as it is installed, over a real directory: everything at its real cost, the disk included."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provisioner.bootstrap import Provisioner, build
from provisioner.preparation import prepare
from provisioner.settings import Settings, TargetSettings, TotpSettings
from tests.house import House, ldap
from tests.servers.slapd import Slapd, private_slapd

ARGON2 = "m=19456 t=2 p=1"


class DirectoryOffice(House):
    """The people and looks of :class:`House`, over what ``build`` makes."""

    def __init__(self, folder: Path, targets: dict[str, TargetSettings], **settings: Any) -> None:
        self.folder = folder
        self.settings = Settings(data_dir=folder, totp=TotpSettings(mandatory_for=()), targets=targets, **settings)
        prepare(self.settings)
        self.core: Provisioner = build(self.settings)
        self.context = self.core.context
        self.clock, self.store, self.keyring = self.context.clock, self.context.store, self.context.keyring
        self.trail, self.targets, self.heart = self.context.trail, self.core.targets, self.core.heart


@contextmanager
def directory_office(folder: Path, **settings: Any) -> Iterator[tuple[DirectoryOffice, Slapd]]:
    """A durable slapd with every overlay, which itself hashes at the real cost, and an office that signs in there."""
    with private_slapd(folder, argon2=ARGON2, durable=True, maxsize=1 << 28) as directory:
        target = ldap(directory.settings(create_groups=True), sign_in=True)
        office = DirectoryOffice(folder / "office", {"direktori": target}, **settings)
        try:
            yield office, directory
        finally:
            office.close()
