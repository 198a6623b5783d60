"""Values that people and attackers bring along."""

from dataclasses import replace

import pytest

from connectors.contract.subject import DEWI, PASSWORD, Subject, marker_of, new_account, next_version
from provisioner.connector import AsksPeople, Authenticates, Changes, InvalidAttribute, Outcome

NAMES = [
    "Suharto",
    "Ni'mah Nur-Aini M. Sa'adah",
    "Désirée Müller-Åström Øyvind Łucja",
    "ꦢꦺꦮꦶ ꦭꦼꦱ꧀ꦠꦫꦶ",
    "محمد نور الدين",
    "陳美玲",
    "e\u0301 decomposed",
    "Muhammad Abdurrahman Wahid Kusumaningrat Hadiwijaya Prawirod",
    "Ä" * 60,
]
HOSTILE = [
    "*",
    "*)(uid=*))(|(uid=*",
    "\\2a\\28\\00",
    "cn=admin,dc=dinas,dc=test",
    'a+b="c"\\,<d>;#e=/f',
    "#hash first",
    "Robert'); DROP TABLE accounts;--",
    "' OR '1'='1",
    '" UNION SELECT verifier FROM accounts --',
    "%s %(name)s {username} {0.__class__} ${jndi:x} $1 :name ?",
    "dn: uid=x,dc=test\nchangetype: delete",
    "line\r\none\ttwo",
    ": dGVzdA==",
    "< file:///etc/passwd",
    "{ARGON2}$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA",
    "{CLEARTEXT}secret",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "\x1b[31m",
    "siak-provisioner:someone-else:9:9",
]


class ValueContract:
    """Values come back as they were, or are refused; they never mean anything to the target."""

    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_comes_back_as_it_was(self, subject: Subject, name: str) -> None:
        created = subject.create(new_account(profile=replace(DEWI, full_name=name, display_name=f"{name}, S.Kom.")))
        assert created.profile["full_name"] == name
        updated = subject.update(
            created, Changes(profile=replace(DEWI, full_name=name, position="Verifikator")), next_version(created)
        )
        assert updated.profile["full_name"] == name

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_in_the_profile_stays_text(self, subject: Subject, text: str) -> None:
        bystander = subject.create(new_account("budi.santoso"))
        hostile = replace(DEWI, full_name=text, display_name=text, org_unit=text, position=text)
        new = new_account(profile=hostile)
        try:
            created = subject.create(new)
        except InvalidAttribute:
            assert subject.connector.find(new.marker.account_id) == []
        else:
            assert created.profile["full_name"] == text
            assert created.username == "dewi.lestari"
            assert subject.carries(created, new.marker)
            again = subject.update(created, Changes(profile=hostile), next_version(created))
            assert again.profile["full_name"] == text
        assert subject.only(marker_of(bystander).account_id) == bystander

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_as_a_user_name_finds_nothing(self, subject: Subject, text: str) -> None:
        created = subject.create(new_account())
        assert subject.connector.get(text) is None
        assert subject.connector.find(text) == []
        assert list(subject.connector.search()) == [created]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_refused_as_a_new_user_name(self, subject: Subject, text: str) -> None:
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("people give the names of their system")
        created = subject.create(new_account())
        with pytest.raises(InvalidAttribute):
            subject.connector.create(new_account(text))
        with pytest.raises(InvalidAttribute):
            subject.connector.update(created, Changes(username=text), next_version(created))
        assert list(subject.connector.search()) == [created]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_signs_nobody_in(self, subject: Subject, text: str) -> None:
        target = subject.able(Authenticates)
        subject.create(new_account())
        assert target.authenticate(text, PASSWORD).outcome is Outcome.REJECTED
        assert target.authenticate("dewi.lestari", text).outcome is Outcome.REJECTED
