"""A PKCS#11 token in software (SoftHSM) in a folder of its own."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import pkcs11
import pytest

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "kunci-percobaan-4711"


@dataclass(frozen=True)
class SoftToken:
    """One initialised token. Its label is its own, so that the library, which the process loads once, looks anew."""

    folder: Path
    label: str = field(default_factory=lambda: f"siak-{token_hex(6)}")

    @classmethod
    def make(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> "SoftToken":
        """Make one in ``folder``, and let the library of this process find it."""
        token = cls(folder)
        token.store.mkdir(parents=True)
        token.pin_file.write_text(f"{PIN}\n")
        configuration = folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {token.store}\nlog.level = ERROR\n")
        monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
        made = ["--init-token", "--free", "--label", token.label, "--so-pin", "petugas-keamanan", "--pin", PIN]
        subprocess.run(["softhsm2-util", *made], check=True, capture_output=True)
        return token

    @property
    def store(self) -> Path:
        """Where the token's objects lie."""
        return self.folder / "tokens"

    @property
    def pin_file(self) -> Path:
        """Where the PIN stands."""
        return self.folder / "pin"

    def settings(self, **more: object) -> dict[str, object]:
        """``[signing.token]``."""
        return {"module": MODULE, "label": self.label, "pin_file": self.pin_file, **more}

    def take_away(self) -> None:
        """Pull it out."""
        self.store.rename(self.folder / "away")
        self.store.mkdir()
        pkcs11.lib(str(MODULE)).reinitialize()

    def bring_back(self) -> None:
        """Put it in again."""
        self.store.rmdir()
        (self.folder / "away").rename(self.store)
        pkcs11.lib(str(MODULE)).reinitialize()

    def is_without_objects(self) -> bool:
        """There is nothing in it but itself."""
        return not [each for each in self.store.rglob("*.object") if each.name != "token.object"]

    def forget_keys(self) -> None:
        """Take everything out of it."""
        for each in self.store.rglob("*.object"):
            if each.name != "token.object":
                each.unlink()
        pkcs11.lib(str(MODULE)).reinitialize()

    def remove(self) -> None:
        """Forget the whole token."""
        shutil.rmtree(self.folder)
