"""The history of accounts from before it was kept is rebuilt from the trail, and says so."""

from collections.abc import Callable
from importlib import import_module

from sqlalchemy import delete

from provisioner.store.tables import AccountHistoryRow, AccountRow
from tests.office import RealOffice

MIGRATION = import_module("provisioner.store.migrations.versions.0012_what_accounts_were")


def states(office: RealOffice, days: int) -> list[list[tuple[str, str, bool]]]:
    """For each of the last days: user name, state, and whether the trail says the same."""
    today, asked = office.core.context.today(), office.core.accounts_on_day
    pages = [
        asked.page(office.actor("auditor"), today.fromordinal(today.toordinal() - back)).rows
        for back in range(days, -1, -1)
    ]
    return [[(each.username, each.word, each.agrees) for each in rows] for rows in pages]


def test_what_is_rebuilt_from_the_trail_is_what_was_written_down(office: RealOffice) -> None:
    core, it = office.core, office.actor("it")
    who = office.new("handover")
    account = office.request(who).account_id or ""
    (slip,) = office.open_envelope(who).slips
    core.passwords.change(account, slip.password, "operator menyapu halaman 7")
    acts: list[Callable[[], object]] = [
        lambda: core.accounts.suspend_now(it, account),
        lambda: core.accounts.reactivate(it, account),
        lambda: core.accounts.reset(it, account),
        lambda: core.accounts.suspend_now(it, account),
        lambda: core.accounts.reactivate(it, account),
        lambda: core.accounts.revoke(it, account, "transfer"),
    ]
    for act in acts:
        office.clock.move(days=1)
        act()
    written = states(office, len(acts))
    with core.context.store.begin() as session:
        session.execute(delete(AccountHistoryRow))
        MIGRATION._rebuild(session.connection())
    assert states(office, len(acts)) == written
    assert all(agrees for rows in written for _, _, agrees in rows)
    page = core.accounts_on_day.page(office.actor("auditor"), core.context.today())
    assert page.rebuilt == 1
    with core.context.store.begin() as session:
        session.get_one(AccountRow, account).org_unit = "Kelurahan Miji"
    assert core.accounts_on_day.page(office.actor("auditor"), core.context.today()).rebuilt == 0
