"""Having a document signed at BSrE, from outside: one call each, whichever interface the office's service speaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from provisioner.person import Nik
from provisioner.signing.bsre.http import opened
from provisioner.signing.bsre.service import (
    BsreRefused,
    BsreService,
    CertificateState,
    EsignClient,
    Order,
    Protocol,
    Signatory,
)
from provisioner.signing.bsre.v1 import EsignV1
from provisioner.signing.bsre.v2 import EsignV2


def sign(service: BsreService, order: Order, who: Signatory) -> bytes:
    """Ask for the state of the certificate, and where it may sign for the signature. Never tries a second time.

    :raises BsreRefused: see the class; ``bsre-answer-wrong`` is for the caller to find.
    """

    async def ask() -> bytes:
        async with _client(service) as client:
            state = await client.state(who.nik)
            if state is CertificateState.NOT_REGISTERED:
                raise BsreRefused("bsre-not-registered")
            if state is not CertificateState.ISSUE:
                raise BsreRefused("bsre-certificate", state=state.value)
            return await client.sign(order, who)

    return asyncio.run(ask())


def state_of(service: BsreService, nik: Nik) -> CertificateState:
    """The state of somebody's certificate.

    :raises BsreRefused: the service does not answer, or not to us.
    """

    async def ask() -> CertificateState:
        async with _client(service) as client:
            return await client.state(nik)

    return asyncio.run(ask())


@asynccontextmanager
async def _client(service: BsreService) -> AsyncIterator[EsignClient]:
    async with opened(service) as session:
        if service.protocol is Protocol.V1:
            yield EsignV1(session, size_is_corner=service.size_is_corner)
        else:
            yield EsignV2(session)
