"""The keys that protect personal data at rest, and what is done with them.

The key file is JSON, readable by its owner only. It holds any number of sealing keys (the newest seals, all of them
open, so keys can be rotated while old fields are still being sealed anew) and one *lookup secret* that is never
rotated: look-up columns and MACs must come out the same for as long as the data lives. It must never lie in the same
backup as the data. Every purpose (a column, as a rule) has its own key, derived with HKDF-SHA256 (RFC 5869).
"""

import base64
import binascii
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provisioner.errors import ConfigurationError, InvalidInput, SealBroken

_FORMAT = 1
KEY_ID_BYTES = 4
"""So many bytes at the beginning of a sealed value name the key that sealed it."""
_NONCE_BYTES = 12
_SECRET_BYTES = 32


@dataclass(frozen=True)
class _SealingKey:
    key_id: bytes
    secret: bytes

    @classmethod
    def new(cls) -> Self:
        return cls(os.urandom(KEY_ID_BYTES), os.urandom(_SECRET_BYTES))


class Keyring:
    """Seals, opens, looks up and authenticates; one purpose never reads what another wrote."""

    def __init__(self, lookup_secret: bytes, sealing_keys: tuple[_SealingKey, ...]) -> None:
        """``sealing_keys`` from oldest to newest. Use :meth:`load`, :meth:`parse` or :meth:`generate` instead."""
        self._lookup_secret = lookup_secret
        self._take(sealing_keys)
        # Only derived keys are kept here, by (what for, purpose, key id): deriving costs more than sealing.
        self._derived: dict[tuple[str, str, bytes], bytes] = {}

    def __repr__(self) -> str:
        return f"Keyring({len(self._keys)} keys, newest {self.newest_id})"

    # Making, keeping and rotating.

    @classmethod
    def generate(cls) -> Self:
        """A keyring with one fresh sealing key, kept nowhere yet."""
        return cls(os.urandom(_SECRET_BYTES), (_SealingKey.new(),))

    @classmethod
    def create(cls, path: Path) -> Self:
        """Generate a keyring and write it to a new file with mode 0600.

        :raises ConfigurationError: the file exists; overwriting keys would lose all data sealed with them.
        """
        keyring = cls.generate()
        try:
            _write_private(path, keyring.to_text())
        except FileExistsError:
            raise ConfigurationError(str(path), "exists already; keys are never overwritten") from None
        return keyring

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file.

        :raises ConfigurationError: it cannot be read, others may read it too, or it is malformed.
        """
        try:
            with path.open("rb") as file:
                # The opened file is asked, not the path: nobody can exchange it in between.
                found = os.fstat(file.fileno())
                mode = stat.S_IMODE(found.st_mode)
                if mode & (stat.S_IRWXG | stat.S_IRWXO) and not _given_by_systemd(path, found):
                    reason = f"may be touched by others (mode {mode:04o}); type: chmod 600 {path}"
                    raise ConfigurationError(str(path), reason)
                content = file.read()
        except OSError as error:
            raise ConfigurationError(str(path), f"key file cannot be read: {error.strerror}") from None
        return cls.parse(content.decode("utf-8", "replace"), source=str(path))

    @classmethod
    def from_environment(cls, variable: str, environment: Mapping[str, str]) -> Self:
        """Read a keyring from the text of an environment variable.

        :raises ConfigurationError: the variable is empty or malformed.
        """
        text = environment.get(variable, "")
        if not text:
            raise ConfigurationError(variable, "this environment variable should hold the keys, and is empty")
        return cls.parse(text, source=variable)

    @classmethod
    def parse(cls, text: str, *, source: str = "keyring") -> Self:
        """Read the text form; ``source`` is named when it is malformed, the text never is.

        :raises ConfigurationError: it is malformed.
        """
        try:
            document: Any = json.loads(text)
            if document["format"] != _FORMAT:
                raise ValueError
            lookup_secret = _decode(document["lookup"], _SECRET_BYTES)
            keys = tuple(
                _SealingKey(_unhex(entry["id"]), _decode(entry["secret"], _SECRET_BYTES)) for entry in document["keys"]
            )
            if not keys or len({key.key_id for key in keys}) != len(keys):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            # Without "from": the cause's text may quote a piece of the keys.
            raise ConfigurationError(source, "does not hold keys in the expected form") from None
        return cls(lookup_secret, keys)

    def to_text(self) -> str:
        """The text form, secrets included: for a key file or an environment variable only."""
        keys = [{"id": key.key_id.hex(), "secret": _encode(key.secret)} for key in self._keys.values()]
        return json.dumps({"format": _FORMAT, "lookup": _encode(self._lookup_secret), "keys": keys}, indent=1) + "\n"

    def rotated(self) -> Self:
        """The same keyring with one more sealing key, which seals from now on."""
        return type(self)(self._lookup_secret, (*self._keys.values(), _SealingKey.new()))

    def retired(self, key_id: str) -> Self:
        """The same keyring without an old key. What is still sealed with it cannot be opened any more.

        :raises InvalidInput: ``key-unknown``, or ``key-in-use`` for the newest key.
        """
        raw = bytes.fromhex(key_id) if key_id in self.key_ids else None
        if raw is None:
            raise InvalidInput("key-unknown", key_id=key_id)
        if raw == self._newest.key_id:
            raise InvalidInput("key-in-use", key_id=key_id)
        return type(self)(self._lookup_secret, tuple(key for key in self._keys.values() if key.key_id != raw))

    def save(self, path: Path) -> None:
        """Replace the key file as a whole; a crash leaves the old or the new one, never half of either."""
        fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
        _write_private(fresh, self.to_text())
        fresh.replace(path)

    def adopt(self, other: "Keyring") -> None:
        """Go on with the sealing keys of a later state of the same keyring.

        :raises ConfigurationError: it has another look-up secret, so it belongs to other data.
        """
        if other._lookup_secret != self._lookup_secret:
            raise ConfigurationError("keyring", "the look-up secret is another one: these keys belong to other data")
        self._take(tuple(other._keys.values()))

    def _take(self, sealing_keys: tuple[_SealingKey, ...]) -> None:
        # The newest last: a thread that seals meanwhile must find its key.
        self._keys = {key.key_id: key for key in sealing_keys}
        self._newest = sealing_keys[-1]

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of the sealing keys, oldest first."""
        return tuple(key_id.hex() for key_id in self._keys)

    @property
    def newest_id(self) -> str:
        """Id of the key that seals."""
        return self._newest.key_id.hex()

    # What the keys are for.

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        """Encrypt with AES-256-GCM under the newest key. Layout: key id (4 bytes), nonce (12), ciphertext and tag."""
        key_id, nonce = self._newest.key_id, os.urandom(_NONCE_BYTES)
        return key_id + nonce + AESGCM(self._sealing_key(purpose, key_id)).encrypt(nonce, plaintext, _bytes(purpose))

    def open(self, purpose: str, blob: bytes) -> bytes:
        """Decrypt what :meth:`seal` made for the same purpose, with whichever key sealed it.

        :raises SealBroken: ``seal-key-unknown``, or ``seal-broken`` (changed, cut off, or another purpose's).
        """
        key_id, nonce, ciphertext = _split(blob)
        if key_id not in self._keys:
            raise SealBroken("seal-key-unknown", purpose=purpose, key_id=key_id.hex())
        try:
            return AESGCM(self._sealing_key(purpose, key_id)).decrypt(nonce, ciphertext, _bytes(purpose))
        except (InvalidTag, ValueError):
            raise SealBroken("seal-broken", purpose=purpose) from None

    def knows(self, blob: bytes) -> bool:
        """Whether the key that sealed the blob is here."""
        return blob[:KEY_ID_BYTES] in self._keys

    def sealed_by_newest(self, blob: bytes) -> bool:
        """Whether the blob needs no sealing anew after a rotation."""
        return blob[:KEY_ID_BYTES] == self._newest.key_id

    def lookup(self, purpose: str, text: str) -> bytes:
        """A keyed form of ``text`` that is always the same (AES-SIV, RFC 5297), for look-up columns and unique
        constraints. Stays the same across rotation. The caller normalises first: another letter is another form.
        """
        # An empty text has no SIV form in the library, so every text carries one leading byte.
        return AESSIV(self._stable_key("lookup", purpose, 64)).encrypt(b"=" + text.encode(), [_bytes(purpose)])

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 (32 bytes). Stays the same across rotation."""
        code = hmac.HMAC(self._stable_key("mac", purpose, 32), hashes.SHA256())
        code.update(data)
        return code.finalize()

    def _sealing_key(self, purpose: str, key_id: bytes) -> bytes:
        return self._derive("seal", purpose, key_id, self._keys[key_id].secret, 32)

    def _stable_key(self, use: str, purpose: str, length: int) -> bytes:
        return self._derive(use, purpose, b"", self._lookup_secret, length)

    def _derive(self, use: str, purpose: str, key_id: bytes, secret: bytes, length: int) -> bytes:
        place = (use, purpose, key_id)
        if place not in self._derived:
            info = f"siak-provisioner/keyring/{use}/{purpose}".encode()
            self._derived[place] = HKDF(hashes.SHA256(), length, salt=None, info=info).derive(secret)
        return self._derived[place]


def _bytes(purpose: str) -> bytes:
    return purpose.encode()


def _split(blob: bytes) -> tuple[bytes, bytes, bytes]:
    start = KEY_ID_BYTES + _NONCE_BYTES
    return blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:start], blob[start:]


def _encode(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _decode(text: str, length: int) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != length:
        raise binascii.Error
    return secret


def _unhex(text: str) -> bytes:
    key_id = bytes.fromhex(text)
    if len(key_id) != KEY_ID_BYTES:
        raise ValueError
    return key_id


def _given_by_systemd(path: Path, found: os.stat_result) -> bool:
    """Whether it is a credential of this service's unit (systemd.exec(5)): root's, and its list of rights, which shows
    as a right of the group, names the service's user alone.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return folder == str(path.parent) and found.st_uid == 0 != os.geteuid() and stat.S_IMODE(found.st_mode) == 0o440


def _write_private(path: Path, text: str) -> None:
    """Write a new file that was never readable by others, not even for a moment, and push it to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
