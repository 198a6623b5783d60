"""The cookie that belongs to a browser's forms, where several processes answer whose clocks disagree.

It carries when it was signed. A process whose clock is behind that moment would not believe it: forms that one machine
showed would be refused by another, until its clock has come so far.
"""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

CLOCKS_APART_SECONDS = 3600
"""Clocks may differ by so much. The cookie is good for a month: it does not matter to the hour."""


class _SignedEarlier(TimestampSigner):
    """Signs as it would have an hour ago. One is made for every signature."""

    _earlier = 0

    def get_timestamp(self) -> int:
        """The time that is written, or compared with what was written."""
        return super().get_timestamp() - self._earlier

    def sign(self, value: str | bytes) -> bytes:
        """The value, when it was signed, and the signature."""
        self._earlier = CLOCKS_APART_SECONDS
        return super().sign(value)


class FormCookies(SecureCookieSessionInterface):
    """Flask's own, but for the time."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads it; None: the application has no key."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _SignedEarlier
        return serializer
