"""A sample is drawn again by whoever has its seed, with nothing but the numbers and SHA-256."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from zipfile import ZipFile

import pytest

from provisioner.errors import InvalidInput, NotAllowed, NotFound
from provisioner.provisioning.case_samples import Draw
from tests.office import RealOffice


def finished(office: RealOffice, count: int) -> list[str]:
    """Requests that came to an end, as they do soonest: withdrawn by their applicants."""
    found = []
    for number in range(count):
        who = office.new("sent", number)
        office.core.repair.withdraw(who.request_id, "batal")
        found.append(office.request(who).number or "")
    return found


def today(office: RealOffice) -> date:
    return office.core.context.today()


def test_the_same_seed_draws_the_same_and_by_hand_too(office: RealOffice) -> None:
    numbers, auditor = finished(office, 6), office.actor("auditor")
    draw = Draw(today(office), today(office), 3, "kpk-2026")
    sample = office.core.case_samples.draw(auditor, draw)
    by_hand = sorted(numbers, key=lambda number: sha256(f"kpk-2026\n{number}".encode()).hexdigest())[:3]
    assert [each.number for each in sample.drawn] == by_hand
    assert [each.number for each in sample.population] == sorted(numbers)
    assert office.core.case_samples.draw(auditor, draw) == sample
    other = office.core.case_samples.draw(auditor, replace(draw, seed="kpk-2027"))
    assert [each.number for each in other.drawn] != by_hand
    whole = office.core.case_samples.draw(auditor, replace(draw, count=50))
    assert len(whole.drawn) == 6
    fields = json.loads(office.events("sample-drawn")[0].fields)
    assert (fields["seed"], fields["count"], fields["population"]) == ("kpk-2026", 3, 6)
    assert fields["population_sha256"] == sha256("".join(f"{each}\n" for each in sorted(numbers)).encode()).hexdigest()


def test_the_files_are_of_what_was_drawn(office: RealOffice) -> None:
    finished(office, 3)
    samples, auditor = office.core.case_samples, office.actor("auditor")
    draw, out = Draw(today(office), today(office), 2, "x"), io.BytesIO()
    samples.write_files(auditor, draw, out)
    with ZipFile(out) as packed:
        cases = {
            json.loads(packed.read(name))["request"]["number"] for name in packed.namelist() if "data.json" in name
        }
    assert cases == {each.number for each in samples.draw(auditor, draw).drawn}
    assert len(office.events("sample-taken-out")) == 1


def test_of_an_empty_sample_there_are_no_files(office: RealOffice) -> None:
    draw = Draw(today(office), today(office), 2, "x")
    with pytest.raises(NotFound):
        office.core.case_samples.write_files(office.actor("auditor"), draw, io.BytesIO())


def test_a_draw_that_makes_no_sense_is_refused(office: RealOffice) -> None:
    good = Draw(today(office), today(office), 2, "x")
    wrong = {
        "until": replace(good, since=good.until + timedelta(days=1)),
        "count": replace(good, count=0),
        "seed": replace(good, seed=""),
    }
    for field, draw in wrong.items():
        with pytest.raises(InvalidInput) as refusal:
            office.core.case_samples.draw(office.actor("auditor"), draw)
        assert list(refusal.value.fields) == [field]
    with pytest.raises(NotAllowed):
        office.core.case_samples.draw(office.actor("head"), good)
