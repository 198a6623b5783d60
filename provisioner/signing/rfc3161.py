"""Asking a time-stamp service (RFC 3161) over HTTP."""

from typing import Any

from asn1crypto import cms
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

from provisioner.signing.timestamp import TimestampService, TimestampUnavailable


class Rfc3161Client(HTTPTimeStamper):
    """The library's client, whose failures are ours.

    Whether the stamp is to be trusted is not asked here: the signed file is inspected as a whole.
    """

    def __init__(self, service: TimestampService) -> None:
        super().__init__(service.url, timeout=service.seconds)

    async def async_timestamp(self, message_digest: Any, md_algorithm: Any) -> cms.ContentInfo:
        """A token over ``message_digest``.

        :raises TimestampUnavailable: ``unreachable`` or ``refused``.
        """
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except TimestampRequestError as error:
            # The library chains what went wrong on the way; a refusal of the service itself has no such cause.
            raise TimestampUnavailable("unreachable" if error.__cause__ else "refused") from None
        except OSError:
            raise TimestampUnavailable("unreachable") from None
        except Exception:  # Hostile or broken answers: the parser has no common root for what it raises.
            raise TimestampUnavailable("refused") from None
