"""One question to the client service over HTTP, with Basic auth, a time limit for the whole of it, and no redirects."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from provisioner.errors import ConfigurationError
from provisioner.signing.bsre.service import BsreRefused, BsreService

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes. A signed document of 10 MB is 14 MB in base64."""
_CODES = {2011: "bsre-not-registered", 2031: "bsre-passphrase"}
_HINTS = {"2011": 2011, "2031": 2031, "passphrase anda salah": 2031, "belum terdaftar": 2011, "4044": 4044}
"""Some versions say the code only inside the message."""


@dataclass(frozen=True)
class Answer:
    """What came back. ``cut``: the service began to answer and did not end."""

    status: int
    body: bytes = field(repr=False)
    document_id: str = ""
    cut: bool = False

    def told(self) -> Mapping[str, Any]:
        """The JSON object of the body; empty where there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def code(self) -> int | None:
        """BSrE's own number for an error, also where it stands only in the message."""
        told = self.told()
        for name in ("status_code", "code", "error_code"):
            if (number := str(told.get(name, ""))).isdecimal() and len(number) == 4:
                return int(number)
        message = " ".join(str(told.get(name, "")) for name in ("error", "message", "description")).casefold()
        return next((number for hint, number in _HINTS.items() if hint in message), None)

    def refusal(self) -> BsreRefused:
        """The answer, which is no success, as an error."""
        number = self.code()
        if number in _CODES:
            return BsreRefused(_CODES[number])
        if self.status in (401, 403):
            return BsreRefused("bsre-credentials")
        return BsreRefused("bsre-refused", answer=number or self.status)


class Session:
    """Asks one service. The answers are whatever the other side likes to send."""

    def __init__(self, service: BsreService, session: aiohttp.ClientSession) -> None:
        self._address, self._session = service.address.rstrip("/"), session

    async def get(self, path: str) -> Answer:
        """:raises BsreRefused: ``bsre-unreachable``."""
        return await self._ask("GET", path)

    async def post(self, path: str, *, form: aiohttp.FormData | None = None, document: Any = None) -> Answer:
        """Send a form (multipart) or a JSON document.

        :raises BsreRefused: ``bsre-unreachable``.
        """
        return await self._ask("POST", path, data=form, json=document)

    async def _ask(self, method: str, path: str, **what: Any) -> Answer:
        given = {name: value for name, value in what.items() if value is not None}
        began: Answer | None = None
        try:
            async with self._session.request(method, self._address + path, allow_redirects=False, **given) as response:
                began = Answer(response.status, b"", response.headers.get("id_dokumen", ""), cut=True)
                body = bytearray()
                async for part in response.content.iter_chunked(65536):
                    body += part
                    if len(body) > MAX_ANSWER:
                        return began
                return Answer(began.status, bytes(body), began.document_id)
        except (aiohttp.ClientError, OSError):
            # Neither the library's text nor its cause is kept: the address may hold somebody's NIK.
            if began is None:
                raise BsreRefused("bsre-unreachable") from None
            return began


@asynccontextmanager
async def opened(service: BsreService) -> AsyncIterator[Session]:
    """A session; the time limit holds for each question.

    :raises ConfigurationError: the password or the file of authorities is missing.
    """
    try:
        trust = ssl.create_default_context(cafile=service.ca_file) if service.address.startswith("https") else None
    except (OSError, ssl.SSLError):
        raise ConfigurationError("signing.bsre.ca_file", "cannot be read as certificates in PEM") from None
    connector = aiohttp.TCPConnector(ssl=trust) if trust else aiohttp.TCPConnector()
    async with aiohttp.ClientSession(
        headers={"Authorization": aiohttp.encode_basic_auth(service.username, service.password())},
        timeout=aiohttp.ClientTimeout(total=service.seconds),
        connector=connector,
    ) as session:
        yield Session(service, session)
