"""Groups and roles."""

from collections.abc import Callable
from dataclasses import replace

from connectors.contract.subject import DEWI, Subject, marker_of, new_account, next_version
from provisioner.connector import Changes, ConnectorError, Entitles, EntitlesSeveral, RemoteAccount, StaleVersion


class EntitleContract:
    """``entitlements_for``, ``grant``, ``revoke``."""

    def test_the_settings_tell_what_a_role_holds(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        assert entitles.entitlements_for(DEWI)
        assert entitles.entitlements_for(DEWI) == entitles.entitlements_for(replace(DEWI, full_name="Budi Santoso"))

    def test_a_new_account_holds_nothing_until_it_is_granted(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created = subject.create(new_account())
        assert created.entitlements == frozenset()
        wanted = entitles.entitlements_for(DEWI)
        for entitlement in wanted:
            entitles.grant(created, entitlement)
        assert subject.only(marker_of(created).account_id).entitlements == wanted

    def test_granting_twice_and_revoking_the_absent_are_successes(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created = subject.create(new_account())
        entitlement = min(entitles.entitlements_for(DEWI))
        entitles.revoke(created, entitlement)
        entitles.grant(created, entitlement)
        entitles.grant(created, entitlement)
        assert subject.only(marker_of(created).account_id).entitlements == {entitlement}
        entitles.revoke(created, entitlement)
        entitles.revoke(created, entitlement)
        assert subject.only(marker_of(created).account_id).entitlements == frozenset()

    def test_one_persons_entitlements_are_not_anothers(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created, budi = subject.create(new_account()), subject.create(new_account("budi.santoso"))
        entitlement = min(entitles.entitlements_for(DEWI))
        entitles.grant(created, entitlement)
        entitles.grant(budi, entitlement)
        entitles.revoke(created, entitlement)
        assert subject.only(marker_of(created).account_id).entitlements == frozenset()
        assert subject.only(marker_of(budi).account_id).entitlements == {entitlement}

    def test_entitlements_follow_a_renamed_account(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created = subject.create(new_account())
        entitlement = min(entitles.entitlements_for(DEWI))
        entitles.grant(created, entitlement)
        renamed = subject.update(created, Changes(username="dewi.putri"), next_version(created))
        assert renamed.entitlements == {entitlement}
        entitles.revoke(renamed, entitlement)
        assert subject.only(marker_of(created).account_id).entitlements == frozenset()

    def test_a_successor_under_the_same_name_inherits_nothing(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created = subject.create(new_account())
        entitles.grant(created, min(entitles.entitlements_for(DEWI)))
        subject.connector.delete(subject.only(marker_of(created).account_id))
        assert subject.create(new_account()).entitlements == frozenset()

    def test_search_tells_entitlements_too(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created = subject.create(new_account())
        entitlement = min(entitles.entitlements_for(DEWI))
        entitles.grant(created, entitlement)
        (seen,) = subject.connector.search()
        assert seen.entitlements == {entitlement}


class EntitleSeveralContract:
    """``grant_several``, ``revoke_several``."""

    def test_several_are_granted_and_revoked_in_one_call(self, subject: Subject) -> None:
        entitles, entitlement = subject.able(EntitlesSeveral), _one(subject)
        people = _people(subject)
        assert entitles.grant_several(people, entitlement) == [None] * len(people)
        assert _held(subject, people) == [{entitlement}] * len(people)
        assert entitles.revoke_several(people[:2], entitlement) == [None, None]
        assert _held(subject, people) == [frozenset(), frozenset(), {entitlement}]

    def test_one_that_a_newer_writer_changed_is_told_and_left_as_it_is(self, subject: Subject) -> None:
        entitles, entitlement = subject.able(EntitlesSeveral), _one(subject)
        people = _people(subject)
        newer = subject.update(people[1], Changes(), next_version(people[1]))
        answers = entitles.grant_several(people, entitlement)
        assert [type(answer) for answer in answers] == [type(None), StaleVersion, type(None)]
        assert _held(subject, people) == [{entitlement}, frozenset(), {entitlement}]
        subject.able(Entitles).grant(newer, entitlement)
        answers = entitles.revoke_several(people, entitlement)
        assert [type(answer) for answer in answers] == [type(None), StaleVersion, type(None)]
        assert _held(subject, people) == [frozenset(), {entitlement}, frozenset()]

    def test_what_is_so_already_can_be_done_alone_if_not_together(self, subject: Subject) -> None:
        entitles, alone, entitlement = subject.able(EntitlesSeveral), subject.able(Entitles), _one(subject)
        people = _people(subject)
        alone.grant(people[0], entitlement)
        _together_or_alone(lambda: entitles.grant_several(people, entitlement), alone.grant, people, entitlement)
        assert _held(subject, people) == [{entitlement}] * len(people)
        alone.revoke(people[1], entitlement)
        _together_or_alone(lambda: entitles.revoke_several(people, entitlement), alone.revoke, people, entitlement)
        assert _held(subject, people) == [frozenset()] * len(people)

    def test_one_that_is_gone_gets_the_answer_that_it_would_get_alone(self, subject: Subject) -> None:
        entitles, alone, entitlement = subject.able(EntitlesSeveral), subject.able(Entitles), _one(subject)
        people = _people(subject)
        subject.connector.delete(people[2])
        for several, single in ((entitles.grant_several, alone.grant), (entitles.revoke_several, alone.revoke)):
            *there, gone = several(people, entitlement)
            assert there == [None, None]
            assert type(gone) is _raised(lambda single=single: single(people[2], entitlement))  # type: ignore[misc]


def _one(subject: Subject) -> str:
    return min(subject.able(Entitles).entitlements_for(DEWI))


def _people(subject: Subject) -> list[RemoteAccount]:
    return [subject.create(new_account(name)) for name in ("dewi.lestari", "budi.santoso", "siti.aminah")]


def _held(subject: Subject, people: list[RemoteAccount]) -> list[frozenset[str]]:
    return [subject.only(marker_of(each).account_id).entitlements for each in people]


def _together_or_alone(
    together: Callable[[], list[ConnectorError | None]],
    alone: Callable[[RemoteAccount, str], None],
    people: list[RemoteAccount],
    entitlement: str,
) -> None:
    try:
        assert together() == [None] * len(people)
    except ConnectorError:
        for each in people:
            alone(each, entitlement)


def _raised(act: Callable[[], None]) -> type[ConnectorError] | type[None]:
    try:
        act()
    except ConnectorError as error:
        return type(error)
    return type(None)
