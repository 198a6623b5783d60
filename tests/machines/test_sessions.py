"""What one process did, the other knows at once: ended sessions, locks, limits, used codes."""

from tests.machines.two_machines import TRIES, TwoMachines
from tests.machines.visitor import Visitor
from tests.office import own_password

_OUT = "/masuk"
_NEW = "Lentera-Bambu-Ombak-Rimba"


def _is_in(visitor: Visitor) -> bool:
    return not visitor.get("/pejabat-saya").path.startswith(_OUT)


def test_signing_out_at_one_process_signs_out_at_the_other(machines: TwoMachines) -> None:
    desk = machines.signed_in(machines.anywhere("192.0.2.10"), machines.somebody("leaves"))
    copied = machines.at(machines.second)
    copied.cookies = dict(desk.cookies)
    assert _is_in(copied)
    desk.get("/pejabat-saya").post("/keluar")
    assert not _is_in(copied)


def test_one_session_is_ended_from_another_process(machines: TwoMachines) -> None:
    who = machines.somebody("forgets")
    left = machines.signed_in(machines.at(machines.first, source="192.0.2.18"), who)
    here = machines.signed_in(machines.at(machines.second, source="192.0.2.19"), who)
    end = here.get("/pejabat-saya").found(r'action="(/pejabat-saya/sesi/[0-9a-f]+/akhiri)"')
    here.post(end)
    assert _is_in(here)
    assert not _is_in(left)


def test_a_password_that_was_changed_at_one_process_ends_the_sessions_at_the_other(machines: TwoMachines) -> None:
    who = machines.somebody("changes")
    here = machines.signed_in(machines.at(machines.first, source="192.0.2.11"), who)
    there = machines.signed_in(machines.at(machines.second, source="192.0.2.11"), who)
    fields = {"old": own_password(who), "new": _NEW, "again": _NEW}
    here.get("/pejabat-saya/kata-sandi").post("/pejabat-saya/kata-sandi", fields)
    assert here.status == 200
    assert _is_in(here)
    assert not _is_in(there)


def test_an_official_who_is_suspended_at_one_process_is_out_at_the_other(machines: TwoMachines) -> None:
    who = machines.somebody("suspended")
    desk = machines.signed_in(machines.at(machines.second, source="192.0.2.12"), who)
    it = machines.signed_in(machines.at(machines.first, source="192.0.2.12"), machines.somebody("suspends", "it"))
    it.get(f"/pejabat/{who}").post(f"/pejabat/{who}/bekukan", {"reason": "pindah"})
    assert "Dibekukan" in it.html, it.page
    assert not _is_in(desk)


def test_wrong_passwords_are_counted_together(machines: TwoMachines) -> None:
    who, visitor = machines.somebody("guessed"), machines.anywhere("192.0.2.13")
    visitor.get("/masuk")
    for _ in range(5):  # Each alone would have counted three at most.
        visitor.post("/masuk", {"username": who, "password": "bukan ini"})
        visitor.get("/pejabat-saya").get("/masuk")
    for address in (machines.first, machines.second):
        locked = machines.at(address, source="192.0.2.14").get("/masuk")
        locked.post("/masuk", {"username": who, "password": own_password(who)})
        assert locked.status == 429, locked.page


def test_tries_from_one_address_are_counted_together(machines: TwoMachines) -> None:
    pair = [machines.at(each, source="192.0.2.15").get("/masuk") for each in (machines.first, machines.second)]
    statuses = []
    for number in range(TRIES + 2):
        visitor = pair[number % 2].post("/masuk", {"username": f"nobody-{number}", "password": "bukan ini"})
        statuses.append(visitor.status)
    assert statuses == [422] * TRIES + [429] * 2


def test_a_code_of_the_second_factor_works_once_for_all_processes(machines: TwoMachines) -> None:
    who = machines.somebody("doubles", "it")
    machines.enrol(who)
    pair = [machines.at(each, source="192.0.2.16") for each in (machines.first, machines.second)]
    for each in pair:
        each.get("/masuk").post("/masuk", {"username": who, "password": own_password(who)})
        assert each.path == "/masuk/kode-verifikasi"
    code = machines.code(who)
    for each in pair:
        each.post("/masuk/kode-verifikasi", {"code": code})
    assert [_is_in(each) for each in pair] == [True, False]
