"""The authority's key in a PKCS#11 token: it is made there, signs there, and never leaves it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from provisioner.errors import ConfigurationError
from provisioner.signing.signer import SignatureRefused

if TYPE_CHECKING:
    from pkcs11 import PublicKey, Session

_ONE_AT_A_TIME = threading.Lock()
"""Who is logged in at a token is known to the library once for the whole process (PKCS#11 v2.40, section 2.6.4): a
second user of the token in another thread would be logged out by the first."""


class TokenUnavailable(SignatureRefused):
    """The token did not sign. ``data["reason"]``: ``module`` (its library cannot be loaded), ``absent`` (no such token
    is plugged in), ``pin`` (wrong, locked or missing), ``key`` (no such key, or another than the certificate's),
    ``failed`` (anything else the token said).
    """

    def __init__(self, reason: str) -> None:
        super().__init__("token-unavailable", reason=reason)


@dataclass(frozen=True)
class TokenPlace:
    """Where a key lies, and how its PIN is found."""

    module: Path
    label: str
    key: str
    pin_env: str | None = None
    pin_file: Path | None = None

    def pin(self) -> str:
        """Read anew each time, and kept nowhere.

        :raises TokenUnavailable: ``pin``: there is none.
        """
        try:
            text = os.environ[self.pin_env] if self.pin_env else (self.pin_file or Path()).read_text().split("\n")[0]
        except (KeyError, OSError, UnicodeDecodeError):
            raise TokenUnavailable("pin") from None
        return text.strip()

    @contextmanager
    def opened(self, *, writing: bool = False) -> Iterator["Session"]:
        """A session of the token's user.

        :raises TokenUnavailable: see the class.
        """
        # Not before a token is used: offices without one need no such library.
        import pkcs11

        with _ONE_AT_A_TIME:
            try:
                with self._token().open(rw=writing, user_pin=self.pin()) as session:
                    yield session
            except TokenUnavailable:
                raise
            except (pkcs11.PinIncorrect, pkcs11.PinLocked, pkcs11.PinInvalid, pkcs11.PinLenRange):
                raise TokenUnavailable("pin") from None
            except (pkcs11.NoSuchToken, pkcs11.TokenNotPresent, pkcs11.DeviceRemoved):
                raise TokenUnavailable("absent") from None
            except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned):
                raise TokenUnavailable("key") from None
            except pkcs11.PKCS11Error:
                raise TokenUnavailable("failed") from None

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half of the key that is there.

        :raises TokenUnavailable: ``key``: there is none, or it is no ECDSA P-256 key.
        """
        import pkcs11
        from pkcs11.util.ec import encode_ec_public_key

        with self.opened() as session:
            found = session.get_key(pkcs11.ObjectClass.PUBLIC_KEY, pkcs11.KeyType.EC, self.key)
            der = encode_ec_public_key(cast("PublicKey", found))
        key = serialization.load_der_public_key(der)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise TokenUnavailable("key")
        return key

    def make_key(self) -> ec.EllipticCurvePublicKey:
        """The key, made now unless it is there already: a preparation that was broken off may be run again.

        :raises TokenUnavailable: see the class.
        """
        import pkcs11
        from pkcs11.util.ec import encode_named_curve_parameters

        curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        stays = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
        with self.opened(writing=True) as session:
            there = session.get_objects({pkcs11.Attribute.LABEL: self.key})
            if not list(there):
                domain = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
                domain.generate_keypair(store=True, label=self.key, private_template=stays)
        return self.public_key()

    def _token(self) -> Any:
        import pkcs11

        try:
            library = pkcs11.lib(str(self.module))
        except (RuntimeError, OSError):
            raise TokenUnavailable("module") from None
        try:
            return library.get_token(token_label=self.label)
        except pkcs11.PKCS11Error:
            library.reinitialize()  # Some libraries look for tokens only when they start.
            return library.get_token(token_label=self.label)


class TokenKey(ec.EllipticCurvePrivateKey):
    """A private key that certificates can be signed with although nobody can read it.

    It signs with fresh random nonces of the token, so the same input does not give the same signature.
    """

    def __init__(self, place: TokenPlace, public_key: ec.EllipticCurvePublicKey) -> None:
        """``public_key``: of the certificate; that the token holds its private half is seen at each signature."""
        self._place, self._public_key = place, public_key

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """ECDSA with SHA-256, DER.

        :raises TokenUnavailable: see the class.
        """
        import pkcs11

        if not isinstance(signature_algorithm.algorithm, hashes.SHA256):
            raise ValueError("this key signs SHA-256 only")
        digest = hashes.Hash(hashes.SHA256())
        digest.update(data)
        with self._place.opened() as session:
            key = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, pkcs11.KeyType.EC, self._place.key)
            raw = key.sign(digest.finalize(), mechanism=pkcs11.Mechanism.ECDSA)  # type: ignore[attr-defined]
        signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        try:
            self._public_key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise TokenUnavailable("key") from None
        return signature

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The certificate's."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public_key.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:  # noqa: ARG002
        """It signs, and nothing else."""
        raise ValueError("this key only signs")

    def private_numbers(self) -> NoReturn:
        """Nobody can read it."""
        raise ConfigurationError("signing.token", "the key cannot leave its token")

    def private_bytes(self, *args: object, **options: object) -> NoReturn:  # noqa: ARG002
        """Nobody can read it."""
        self.private_numbers()

    def __copy__(self) -> "TokenKey":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "TokenKey":
        return self
