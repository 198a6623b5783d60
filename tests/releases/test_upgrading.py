"""An office that an earlier release left behind, brought up to date: nothing is lost, and everybody goes on."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select, table

from provisioner.audit.export import export
from provisioner.audit.verify import verify
from provisioner.preparation import prepare
from provisioner.provisioning.verification_answer import Standing
from provisioner.store import Store
from provisioner.store.tables import PactRow
from tests.office import RealOffice, settings_of
from tests.releases.left_behind import STORES, left_behind, releases
from tests.releases.made_up_office import TARGETS, Facts, open_office
from tests.releases.schema_comparison import schema_of
from tests.servers.postgresql import Postgresql
from tests.web.desk import Desk
from web.app import create_app

PAGES = ("/meja", "/permohonan", "/akun", "/audit", "/sistem", "/pakta", "/agenda", "/arsip")


@dataclass(frozen=True)
class Upgraded:
    """An office after ``provisioner init`` of this release."""

    office: RealOffice
    facts: Facts
    before: dict[str, int]
    """How many rows each table had."""


@pytest.fixture(scope="module", params=[(release, store) for release in releases() for store in STORES], ids="-".join)
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgresql_server: Postgresql
) -> Iterator[Upgraded]:
    release, store = request.param
    folder = tmp_path_factory.mktemp(f"upgraded-{store}")
    with left_behind(release, store, folder, postgresql_server) as (facts, more):
        settings = settings_of(folder, targets=TARGETS, **more)
        before = _counts(settings.store_url)
        assert any(line.startswith("Database brought to revision") for line in prepare(settings))
        office = open_office(folder, facts, **more)
        yield Upgraded(office, facts, before)
        office.close()


def test_no_row_is_lost(upgraded: Upgraded) -> None:
    now = _counts(upgraded.office.settings.store_url)
    kept = {name: now[name] for name in upgraded.before}
    assert {**kept, "audit": upgraded.before["audit"]} == upgraded.before
    assert now["audit"] > upgraded.before["audit"], "that the schema was changed stands in the trail"


def test_the_audit_trail_is_whole(upgraded: Upgraded) -> None:
    context = upgraded.office.core.context
    with context.store.read() as session:
        report = verify(
            export(session, context.trail, personal=True), mac=lambda data: context.keyring.mac("audit-row", data)
        )
    assert report.sound
    assert not report.findings


def test_officials_sign_in_and_read_their_pages(upgraded: Upgraded) -> None:
    app = create_app(upgraded.office.core)
    for post in ("section_head", "adb", "secretary"):
        desk = Desk(app).sign_in(post, upgraded.facts.passwords[post])
        assert "/masuk" not in desk.html.partition("<main")[2]
        answers = {page: desk.get(page).status for page in PAGES}
        assert set(answers.values()) <= {200, 403, 404}, (post, answers)
        assert 200 in answers.values(), (post, answers)


def test_a_signed_pact_is_still_valid(upgraded: Upgraded) -> None:
    core = upgraded.office.core
    with core.context.store.read() as session:
        pact_id = session.scalars(select(PactRow.id).where(PactRow.number == upgraded.facts.pact)).one()
    _, document = core.pacts.document(upgraded.office.actor("section_head"), pact_id)
    assert core.verification.by_upload(document).standing is Standing.VALID
    assert core.verification.by_number(upgraded.facts.pact) is not None


def test_an_operator_signs_in_with_the_password_of_before(upgraded: Upgraded) -> None:
    username, password = upgraded.facts.operator
    token, stage = upgraded.office.core.operators.sign_in(username, password)
    assert (bool(token), stage) == (True, "full")


def test_a_sealed_envelope_opens_to_its_password(upgraded: Upgraded) -> None:
    core, ticket = upgraded.office.core, upgraded.facts.sealed_ticket
    opened = core.handover.open(ticket, "browser", "192.0.2.1")
    slip = next(each for each in opened.slips if "akun" in each.targets)
    request_id, _ = core.drafting.with_ticket(ticket)
    username = core.reading.request(upgraded.office.actor("it"), request_id).username
    assert core.operators.sign_in(str(username), slip.password)[1] == "change"


def _counts(url: str) -> dict[str, int]:
    store = Store(url)
    try:
        with store.engine.connect() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
                for name in schema_of(connection)
            }
    finally:
        store.close()
