"""The whole SOP leaves no ticket, no password and no code in any log record, refusal, event or file."""

import base64
import logging
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from provisioner.errors import ProvisionerError
from provisioner.ticket import Ticket
from tests.office import Applicant, RealOffice, own_password

NEW = "kuda laut menyapu halaman 7"


def every_way(secret: str) -> Iterator[bytes]:
    """A secret as it may lie about."""
    bare = re.sub(r"[\s\-]", "", secret)
    for text in {secret, bare, bare.lower()}:
        for raw in (text.encode(), text.encode("utf-16-le")):
            yield from (raw, base64.b64encode(raw).rstrip(b"="), raw.hex().encode())


def holds(content: bytes, secret: str) -> bool:
    return any(each in content for each in every_way(secret))


def refusals_of(office: RealOffice, who: Applicant, password: str) -> list[str]:
    """What wrong calls with real secrets answer, with everything chained to it."""
    section_head, other = office.actor("section_head"), Ticket.new().text()
    calls: list[Callable[[], object]] = [
        partial(office.core.signatures.sign_as_applicant, who.request_id, who.ticket),
        partial(office.core.signatures.sign_as_applicant, who.request_id, other),
        partial(office.core.signatures.sign_as_applicant, who.request_id, who.ticket[:-1]),
        partial(office.core.drafting.with_ticket, who.ticket + "X"),
        partial(office.core.handover.open, who.ticket, "another-browser", "192.0.2.99"),
        partial(office.core.signatures.sign, section_head, [office.pact(who).id], password + "x"),
        partial(office.core.operators.sign_in, "dewi.handayani", password + "x"),
        partial(office.core.enrolment.exchange, who.ticket),
        partial(office.core.tracking.by_code, who.ticket),
    ]
    told = []
    for call in calls:
        with pytest.raises(ProvisionerError) as refused:
            call()
        error: BaseException | None = refused.value
        while error is not None:
            told.append(f"{error!r} {error} {getattr(error, 'data', '')} {getattr(error, 'fields', '')}")
            error = error.__cause__ or error.__context__
    return told


def test_the_whole_sop_tells_no_secret(office: RealOffice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    who = office.new("handover")
    opening = office.open_envelope(who)
    initial = opening.slips[0].password
    token, stage = office.core.operators.sign_in(opening.slips[0].username, initial)
    here = office.core.operators.session(token)
    assert stage == "change"
    assert here is not None
    office.core.operators.change_password(here, initial, NEW)
    office.core.heart.drain()
    told = "\n".join(
        [*refusals_of(office, who, initial), caplog.text, repr(opening), repr(who), repr(office.core.settings)]
    )
    records = "\n".join(f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records)
    events = "\n".join(f"{row.fields} {row.actor_label}" for row in office.events())
    office.close()
    for secret in (who.ticket, initial, NEW, own_password("section_head")):
        for place in (told, records, events):
            assert not holds(place.encode(), secret)
        assert [file.name for file in _files(office.folder) if holds(file.read_bytes(), secret)] == []
    assert [file.name for file in _files(office.folder) if who.bio["nik"].encode() in file.read_bytes()] == []


def test_an_enrolment_code_is_nowhere(office: RealOffice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    who = office.new("review")
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, "lost", "KTP-el ditunjukkan")
    (line,) = office.core.enrolment.waiting(office.actor("adb"))
    code = office.core.enrolment.agree(office.actor("adb"), line.id)
    made = office.core.enrolment.exchange(code)
    shown = f"{made!r} {office.core.enrolment.waiting(office.actor('adb'))!r} {caplog.text}"
    office.close()
    for secret in (code, made.ticket, made.session_token):
        assert not holds(shown.encode(), secret)
        assert [file.name for file in _files(office.folder) if holds(file.read_bytes(), secret)] == []


def test_what_carries_a_secret_does_not_show_it_when_printed(office: RealOffice) -> None:
    begun = office.core.drafting.begin(address="192.0.2.1")
    signed = office.core.sign_in.sign_in("head", own_password("head"))
    told = f"{begun!r} {begun} {signed!r} {signed}"
    for secret in (begun.ticket, begun.tracking_code, begun.session_token, signed.token):
        assert secret not in told


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]
