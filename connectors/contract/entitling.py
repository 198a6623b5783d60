"""Groups and roles."""

from dataclasses import replace

from connectors.contract.subject import DEWI, Subject, marker_of, new_account, next_version
from provisioner.connector import Changes, Entitles


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
