"""The walk: the whole SOP through the use cases, and what it leaves behind when something stops it."""

import json
from collections.abc import Generator

import pytest
from sqlalchemy import select

from provisioner.audit import Filters
from provisioner.errors import ProvisionerError
from provisioner.store.tables import AccountRow, OfficialRow, RequestRow
from provisioner.walk import Walk
from tests.conftest import MakeOffice
from tests.office import MEMORY, RealOffice, person

MANUAL = {
    "kind": "manual",
    "label": "SIAK Terpusat",
    "settings": {"system": "SIAK", "fields": [["Nama", "{username}"]]},
}


def still_allowed(office: RealOffice) -> list[str]:
    """Officials of walks who may still sign in."""
    with office.core.context.store.read() as session:
        query = select(OfficialRow.username).where(
            OfficialRow.username.startswith("walk-"), OfficialRow.suspended_at.is_(None)
        )
        return list(session.scalars(query))


def test_a_walk_goes_through_every_step_and_leaves_only_the_books(office: RealOffice) -> None:
    stages = list(Walk(office.core).run())
    assert [stage.step for stage in stages] == [1, 2, 3, 4, 5, 6, 0, 0, 0]
    assert list(office.core.targets["sistem"].connector.search()) == []
    assert still_allowed(office) == []
    with office.core.context.store.read() as session:
        assert session.scalars(select(RequestRow.state)).all() == ["done"]
        assert session.scalars(select(AccountRow.state)).all() == ["revoked"]


def test_a_walk_is_written_into_the_trail_like_any_request(office: RealOffice) -> None:
    list(Walk(office.core).run())
    with office.core.context.store.read() as session:
        kinds = {entry.kind for entry in office.core.context.trail.search(session, Filters(), limit=500).entries}
    assert {"request-submitted", "letter-forwarded", "pact-signed", "account-approved", "envelope-opened"} <= kinds
    assert {"username-chosen", "password-changed", "account-revoked", "official-suspended"} <= kinds
    assert [each.kind for each in office.events() if each.kind.startswith("walk-")] == ["walk-begun", "walk-finished"]
    assert json.loads(office.events("walk-finished")[0].fields) == {"result": "passed", "kept": False}


def test_two_walks_do_not_get_into_each_others_way(office: RealOffice) -> None:
    kept = list(Walk(office.core).run(keep=True))
    list(Walk(office.core).run())
    assert kept[-1].data["username"] in [each.username for each in office.core.targets["sistem"].connector.search()]


def test_a_walk_that_is_refused_takes_its_request_back(office: RealOffice) -> None:
    office.new("done")
    with pytest.raises(ProvisionerError) as refused:
        list(Walk(office.core, person(0)).run())
    assert refused.value.code == "person-has-account"
    (finished,) = office.events("walk-finished")
    assert json.loads(finished.fields) == {"result": "refused", "kept": False, "code": "person-has-account"}
    with office.core.context.store.read() as session:
        assert sorted(session.scalars(select(RequestRow.state))) == ["done", "withdrawn"]
    assert still_allowed(office) == []


def test_a_walk_whose_reader_goes_away_cleans_up(office: RealOffice) -> None:
    walk = Walk(office.core).run()
    assert isinstance(walk, Generator)
    for stage in walk:
        if stage.stage == "created":
            break
    walk.close()
    assert list(office.core.targets["sistem"].connector.search()) == []
    assert still_allowed(office) == []


def test_a_walk_waits_for_no_person(make_office: MakeOffice) -> None:
    """A system only people operate gets its card; the rest of the walk goes on."""
    office = make_office(targets={"sistem": MEMORY, "siak": MANUAL})
    stages = list(Walk(office.core).run())
    assert stages[-1].stage == "cleaned-up"
    created = next(stage for stage in stages if stage.stage == "created")
    assert {each["target"]: each["state"] for each in created.data["targets"]} == {"sistem": "done", "siak": "asked"}
