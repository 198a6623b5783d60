"""Accounts as roles of a real PostgreSQL: what is peculiar to them."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from connectors.contract.subject import DEWI, OWN_PASSWORD, marker_of, new_account, next_version
from connectors.postgresql.comment import Comment
from provisioner.connector import (
    AccountExists,
    Changes,
    InvalidAttribute,
    MakesVerifiers,
    Marker,
    PermissionDenied,
    PolicyViolation,
    Seen,
    Sought,
    StaleVersion,
    UnknownAccount,
)
from tests.connectors.role_office import RoleOffice, cheap_scram
from tests.servers.role_server import GROUPS, SERVICE

SHOWN = """SELECT rolcanlogin, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls, rolconnlimit,
    rolpassword FROM pg_authid WHERE rolname = %s"""


def _role(roles: RoleOffice, name: str = "dewi.lestari") -> tuple[Any, ...]:
    (row,) = roles.target.execute(SHOWN, name)
    return row


def test_a_new_role_may_do_nothing_and_has_no_password(roles: RoleOffice) -> None:
    roles.connector.create(new_account(enabled=False))
    assert _role(roles) == (False, False, -1, None)


def test_the_verifier_is_stored_as_it_was_made(roles: RoleOffice) -> None:
    verifier = cheap_scram(OWN_PASSWORD)
    created = roles.connector.create(new_account(enabled=False))
    own = Changes(enabled=True, verifier=verifier, must_change=False)
    roles.connector.update(created, own, next_version(created))
    assert _role(roles) == (True, False, -1, verifier.text)


def test_an_initial_password_reaches_the_server_in_no_form(roles: RoleOffice) -> None:
    with pytest.raises(PolicyViolation):
        roles.connector.create(new_account(verifier=cheap_scram("awal-sekali"), generation=1))
    assert _role(roles) == (False, False, -1, None)


def test_the_connector_makes_the_verifiers_that_the_settings_ask_for(roles: RoleOffice) -> None:
    connector: object = roles.another(scram_iterations=5000)
    assert isinstance(connector, MakesVerifiers)
    made = connector.make_verifier(OWN_PASSWORD)
    assert made.scheme in roles.connector.limits.verifier_schemes
    assert made.text.startswith("SCRAM-SHA-256$5000:")
    assert OWN_PASSWORD not in repr(made)


@pytest.mark.parametrize(
    "text",
    ["terang", "md5" + "0" * 32, cheap_scram("x").text + "\n", cheap_scram("x").text[:-1], "SCRAM-SHA-256$0:AA==$x:y"],
)
def test_what_the_server_would_take_for_a_clear_password_is_refused(roles: RoleOffice, text: str) -> None:
    verifier = replace(cheap_scram("x"), text=text)
    with pytest.raises(InvalidAttribute):
        roles.connector.create(new_account(verifier=verifier))
    assert roles.connector.get("dewi.lestari") is None


def test_the_last_day_counts_in_full_in_the_offices_time_zone(roles: RoleOffice) -> None:
    created = roles.connector.create(new_account())
    until = "SELECT rolvaliduntil::text FROM pg_roles WHERE rolname = 'dewi.lestari'"
    assert roles.target.execute(until) == [("2027-12-31 17:00:00+00",)]
    assert created.profile["valid_until"] == "2027-12-31"
    forever = roles.connector.update(created, Changes(profile=replace(DEWI, valid_until="")), next_version(created))
    assert roles.target.execute(until) == [("infinity",)]
    assert forever.profile["valid_until"] == ""


@pytest.mark.parametrize("day", ["kapan-kapan", "2027-13-01", "9999-12-31"])
def test_a_last_day_that_is_no_day_is_refused(roles: RoleOffice, day: str) -> None:
    with pytest.raises(InvalidAttribute) as refusal:
        roles.connector.create(new_account(profile=replace(DEWI, valid_until=day)))
    assert refusal.value.attribute == "valid_until"


@pytest.mark.parametrize("until", ["2027-12-31 16:59+00", "-infinity", "20000-01-01"])
def test_an_end_that_somebody_else_set_shows_as_a_difference(roles: RoleOffice, until: str) -> None:
    roles.connector.create(new_account())
    roles.target.execute(sql.SQL('ALTER ROLE "dewi.lestari" VALID UNTIL {}').format(until))
    seen = roles.connector.get("dewi.lestari")
    assert seen is not None
    assert seen.profile["valid_until"] not in ("", DEWI.valid_until)


def test_the_comment_holds_the_marker_and_no_more_of_the_person_than_the_settings_say(roles: RoleOffice) -> None:
    new = new_account()
    roles.connector.create(new)
    ((comment,),) = roles.target.execute("SELECT shobj_description('\"dewi.lestari\"'::regrole, 'pg_authid')")
    assert (
        comment == f'{new.marker} {{"full_name": "{DEWI.full_name}", "region": "{DEWI.region}", "role": "{DEWI.role}"}}'
    )
    bare = roles.another(profile=[]).create(new_account("budi.santoso"))
    assert set(bare.profile) == {"valid_until"}


def test_a_spoilt_comment_is_a_difference_and_written_anew(roles: RoleOffice) -> None:
    created = roles.connector.create(new_account())
    roles.target.execute(sql.SQL('COMMENT ON ROLE "dewi.lestari" IS {}').format(f"{created.marker} [1, {{"))
    seen = roles.connector.get("dewi.lestari")
    assert seen is not None
    assert seen.profile["full_name"] == ""
    mended = roles.connector.update(seen, Changes(profile=DEWI), next_version(seen))
    assert mended.profile == created.profile


def test_a_comment_by_the_role_itself_is_refused_by_the_server(roles: RoleOffice) -> None:
    roles.activated()
    with roles.session() as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute('COMMENT ON ROLE "dewi.lestari" IS NULL')


def test_the_connection_limit_of_the_settings_holds(roles: RoleOffice) -> None:
    roles.another(connection_limit=3).create(new_account())
    assert _role(roles)[2] == 3


def test_a_password_survives_a_rename(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.connector.update(account, Changes(username="dewi.putri"), next_version(account))
    roles.session("dewi.putri").close()


def test_ending_sessions_throws_the_operator_out_at_once(roles: RoleOffice) -> None:
    account = roles.activated()
    first, second = roles.session(), roles.session()
    suspended = roles.connector.update(account, Changes(enabled=False), next_version(account))
    assert roles.connector.end_sessions(suspended) == 2
    for session in (first, second):
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
        session.close()
    with pytest.raises(psycopg.OperationalError):
        roles.session()
    assert roles.connector.end_sessions(suspended) == 0


def test_sessions_are_not_ended_on_behalf_of_a_stale_reader(roles: RoleOffice) -> None:
    account = roles.activated()
    with roles.session() as session:
        roles.connector.update(account, Changes(), next_version(account))
        with pytest.raises(StaleVersion):
            roles.connector.end_sessions(account)
        session.execute("SELECT 1")


def test_without_the_right_to_end_sessions_it_is_told(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.target.execute(f"REVOKE pg_signal_backend FROM {SERVICE}")
    with roles.session() as session:
        with pytest.raises(PermissionDenied):
            roles.connector.end_sessions(account)
        session.execute("SELECT 1")


def test_deleting_ends_sessions_too(roles: RoleOffice) -> None:
    account = roles.activated()
    session = roles.session()
    roles.connector.delete(account)
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()


def test_a_role_that_owns_something_is_not_deleted_and_the_reason_says_what_to_do(roles: RoleOffice) -> None:
    account = roles.activated()
    with roles.server.database() as database:
        with roles.server.superuser(database.name) as connection:
            connection.execute('CREATE SCHEMA milik AUTHORIZATION "dewi.lestari"')
        with pytest.raises(PermissionDenied, match="REASSIGN OWNED") as refusal:
            roles.connector.delete(account)
        assert not refusal.value.retryable
        assert roles.connector.get("dewi.lestari") == account
        with roles.server.superuser(database.name) as connection:
            connection.execute('DROP OWNED BY "dewi.lestari"')
    roles.connector.delete(account)
    assert roles.connector.get("dewi.lestari") is None


@pytest.mark.parametrize("name", ["none", "public", "pg_monitor2"])
def test_names_that_the_server_keeps_for_itself_are_refused(roles: RoleOffice, name: str) -> None:
    with pytest.raises(InvalidAttribute):
        roles.connector.create(new_account(name))


@pytest.mark.parametrize("name", ["user", "current_user", "select", "63-" + "x" * 60])
def test_names_that_mean_something_in_sql_or_are_as_long_as_can_be_are_only_names(roles: RoleOffice, name: str) -> None:
    created = roles.connector.create(new_account(name))
    assert created.username == name
    roles.connector.delete(created)
    assert roles.connector.get(name) is None


@pytest.mark.parametrize("name", ["postgres", SERVICE, GROUPS[0], "pg_monitor"])
def test_the_servers_own_roles_and_the_groups_have_their_names(roles: RoleOffice, name: str) -> None:
    with pytest.raises((AccountExists, InvalidAttribute)):
        roles.connector.create(new_account(name))
    seen = roles.connector.get(name)
    assert seen is not None
    assert seen.marker is None
    assert list(roles.connector.search()) == []


def test_a_role_of_ours_that_was_made_a_superuser_is_not_touched(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.target.execute('ALTER ROLE "dewi.lestari" SUPERUSER')
    with pytest.raises(PermissionDenied):
        roles.connector.update(account, Changes(enabled=False), next_version(account))
    with pytest.raises(PermissionDenied):
        roles.connector.delete(account)
    assert list(roles.connector.search()) == [account]


def test_a_role_that_is_taken_over_keeps_the_comment_it_had(roles: RoleOffice) -> None:
    written = 'Loket 3, "jangan dihapus" \u2013 Pak Dwi'
    roles.target.add_login_roles(["tamu"])
    roles.target.execute(sql.SQL("COMMENT ON ROLE tamu IS {}").format(sql.Literal(written)))
    stranger = roles.connector.get("tamu")
    assert stranger is not None
    adopted = roles.connector.adopt(stranger, Marker("a" * 32, 1))
    renamed = roles.connector.update(adopted, Changes(profile=DEWI, username="dewi.lestari"), next_version(adopted))
    ((text,),) = roles.target.execute("SELECT shobj_description(%s::oid, 'pg_authid')", renamed.remote_id)
    assert text.isascii()
    comment = Comment.parse(text)
    assert comment is not None
    assert comment.before == written
    assert (comment.marker, comment.profile["full_name"]) == (renamed.marker, DEWI.full_name)


@pytest.mark.parametrize("name", ["atasan", "siak", SERVICE, "pg_monitor", "postgres"])
def test_what_is_no_persons_role_is_never_taken_over(roles: RoleOffice, name: str) -> None:
    roles.target.add_login_roles(["tamu"])
    roles.target.execute("CREATE ROLE atasan LOGIN SUPERUSER")
    roles.target.execute("GRANT siak TO tamu")
    stranger = roles.connector.get(name)
    assert stranger is not None
    with pytest.raises(PermissionDenied):
        roles.connector.adopt(stranger, Marker("a" * 32, 1))
    assert roles.connector.get(name) == stranger


def test_a_role_that_others_may_only_administer_is_no_group(roles: RoleOffice) -> None:
    roles.target.add_login_roles(["tamu"])
    roles.target.execute(sql.SQL("GRANT tamu TO {} WITH ADMIN OPTION").format(sql.Identifier(SERVICE)))
    stranger = roles.connector.get("tamu")
    assert stranger is not None
    assert roles.connector.adopt(stranger, Marker("a" * 32, 1)).username == "tamu"


def test_another_role_that_took_the_name_meanwhile_is_not_touched(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.target.execute('ALTER ROLE "dewi.lestari" RENAME TO "dewi.lama"')
    roles.target.add_login_roles(["dewi.lestari"])
    after = roles.connector.update(account, Changes(enabled=False), next_version(account))
    assert (after.username, after.enabled) == ("dewi.lama", False)
    assert _role(roles)[0] is True


def test_ids_of_other_targets_are_unknown_here(roles: RoleOffice) -> None:
    account = roles.activated()
    for foreign in ("0", "4294967296", "6f1b8a", "-1"):
        with pytest.raises(UnknownAccount):
            roles.connector.update(replace(account, remote_id=foreign), Changes(), next_version(account))


def test_only_groups_are_granted(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.target.add_login_roles(["orang.lain"])
    for name in ("orang.lain", "tidak-ada", "SIAK", "x" * 64, 'a"b', "nol\x00"):
        with pytest.raises(InvalidAttribute):
            roles.connector.grant(account, name)
    assert roles.connector.get("dewi.lestari") == account


def test_a_group_with_quotes_in_its_name_is_granted_like_any_other(roles: RoleOffice) -> None:
    name = 'kel. "Gedongan"; DROP ROLE siak; --'
    roles.target.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
    account = roles.activated()
    roles.connector.grant(account, name)
    (seen,) = roles.connector.find(marker_of(account).account_id)
    assert seen.entitlements == {name}
    roles.connector.revoke(account, name)


def test_a_stale_reader_grants_and_revokes_nothing(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.connector.grant(account, "siak")
    now = roles.connector.update(account, Changes(), next_version(account))
    for change in (roles.connector.grant, roles.connector.revoke):
        with pytest.raises(StaleVersion):
            change(account, "siak")
    assert roles.connector.get("dewi.lestari") == now
    assert now.entitlements == {"siak"}


def test_without_rules_memberships_are_left_alone(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.connector.grant(account, "siak")
    seen = roles.another(entitlements={}).get("dewi.lestari")
    assert seen is not None
    assert seen.entitlements == frozenset()


def test_what_is_no_text_finds_nothing_among_several_either(roles: RoleOffice) -> None:
    account = roles.activated()
    hostile = ["nol\x00", "\ud800", "%s", "{", '"', "DEWI.LESTARİ"]
    sought = [Sought(text, text) for text in hostile] + [Sought(marker_of(account).account_id, "DEWI.LESTARI")]
    *nothing, seen = roles.connector.read_several(sought)
    assert nothing == [Seen([], None)] * len(hostile)
    assert seen == Seen([account], account)
    assert [roles.connector.get(text) for text in hostile] == [None] * len(hostile)
