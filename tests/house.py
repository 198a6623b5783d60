"""A small office for tests of accounts: store, keys, targets, the heart, and people with approved requests.

house = House(tmp_path, {"akun": memory(sign_in=True)})
someone = house.approved("dewi.lestari")
house.heart.drain()
opening = house.open(someone)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from provisioner.actor import Actor, Capacity
from provisioner.audit import Actor as TrailActor
from provisioner.audit import AuditTrail
from provisioner.board import StoreBoard
from provisioner.bootstrap import choice_of, password_policy
from provisioner.card_work import CardDeadlines
from provisioner.clock import Clock
from provisioner.connector import Connector, Profile, RemoteAccount
from provisioner.convergence.target_set import TargetSet
from provisioner.dispatch.wakeup import WakeUp
from provisioner.heart import Heart
from provisioner.keyring import Keyring
from provisioner.office import load_office
from provisioner.procedure import load_procedure
from provisioner.provisioning.account_history import AccountHistory
from provisioner.provisioning.context import Context
from provisioner.provisioning.handover import Opening
from provisioner.provisioning.progress import Progress
from provisioner.provisioning.recording import live_key
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.recorded_account import RecordedState
from provisioner.request import RequestState
from provisioner.settings import (
    PasswordSettings,
    ReconciliationSettings,
    RunnerSettings,
    Settings,
    StoreSettings,
    TargetSettings,
)
from provisioner.store import Store
from provisioner.store.tables import (
    AccountRow,
    GenerationRow,
    LetterRow,
    LinkRow,
    OfficialRow,
    PactRow,
    RecordedAccountRow,
    RecordedListRow,
    RequestRow,
)
from provisioner.store.tables.audit import AuditRow
from provisioner.target_checks import TargetChecks
from provisioner.targets import build_targets
from provisioner.ticket import Ticket
from provisioner.verifier import Argon2Cost, Verifiers
from provisioner.worktime import WorkTime
from tests.stores import SQLITE, current, store_of

START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
OWN = "kuda laut menyapu halaman 7"
"""A password an operator might choose."""
CHEAP = {"argon2_memory_kib": 64, "argon2_iterations": 1}


class MovableClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        """Let this much time pass."""
        self.now += timedelta(**span)


def memory(*, sign_in: bool = False, credential: str | None = None, **settings: Any) -> TargetSettings:
    """A target in memory that grants a group by role."""
    given = {"entitlements": {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk"]}, **CHEAP, **settings}
    return TargetSettings(kind="memory", label="Sistem", sign_in=sign_in, credential=credential, settings=given)


def table(file: Path, *, sign_in: bool = False, **settings: Any) -> TargetSettings:
    """A table of accounts in an SQLite file."""
    given = {"url": f"sqlite:///{file}", "create_tables": True, **CHEAP, **settings}
    return TargetSettings(kind="table", label="Basis data akun", sign_in=sign_in, settings=given)


def manual() -> TargetSettings:
    """A system that only people operate."""
    fields = [("Nama Pengguna", "{username}"), ("Nama Lengkap", "{full_name}"), ("Wilayah", "{region}")]
    return TargetSettings(kind="manual", label="SIAK Terpusat", settings={"system": "SIAK", "fields": fields})


def ldap(settings: Mapping[str, Any], *, sign_in: bool = False) -> TargetSettings:
    """A directory."""
    return TargetSettings(kind="ldap", label="Direktori", sign_in=sign_in, settings=dict(settings))


@dataclass
class Someone:
    """A person whose request became an account."""

    account_id: str
    request_id: str
    username: str
    ticket: Ticket = field(repr=False)


class House:
    """Everything about accounts over a store in ``folder``. ``fresh`` False: the store is there already."""

    def __init__(
        self,
        folder: Path,
        targets: Mapping[str, TargetSettings],
        *,
        clock: Clock | None = None,
        runner: Mapping[str, Any] | None = None,
        reconciliation: Mapping[str, Any] | None = None,
        keyring: Keyring | None = None,
        connectors: Mapping[str, Connector] | None = None,
        lock_name: str = "runner.lock",
        fresh: bool = True,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.still = MovableClock()
        self.clock: Clock = clock or self.still
        self.settings = Settings(
            data_dir=folder,
            store=StoreSettings(**store_of(folder)),
            passwords=PasswordSettings(argon2_memory_kib=64, argon2_iterations=1),
            runner=RunnerSettings(**(runner or {})),
            reconciliation=ReconciliationSettings(**(reconciliation or {"every_hours": 0})),
            targets=dict(targets),
        )
        self.keyring = keyring or Keyring.generate()
        self.store = Store(self.settings.store_url)
        if self.store.engine.dialect.name == "sqlite":
            event.listen(self.store.engine, "connect", _do_not_wait_for_the_disk)
        self.trail = AuditTrail(self.keyring, self.clock)
        self.store.before_commit(self.trail.flush)
        self.store.after_flush(AccountHistory(self.clock).note)
        if fresh and current().kind == SQLITE:
            self.store.create_tables()
        office = load_office(self.settings.office_dir)
        procedure = load_procedure(self.settings.office_dir / "procedure.toml", [post.value for post in office.posts])
        self.context = Context(self.store, self.clock, self.keyring, office, procedure, self.settings, self.trail)
        deadlines = CardDeadlines(self.settings.cards, WorkTime(office.calendar, office.zone))
        board = StoreBoard(self.store, self.keyring, self.clock, self.trail, deadlines)
        built = build_targets(
            {
                name: {"kind": each.kind, "label": each.label, **self.settings.target_settings(name)}
                for name, each in self.settings.targets.items()
            },
            board=board,
            call_timeout=self.settings.runner.call_timeout_seconds,
        )
        for name, connector in (connectors or {}).items():
            built[name] = type(built[name])(name, built[name].kind, built[name].label, connector)
        self.targets = TargetSet(built, self.settings.targets, Verifiers(Argon2Cost(64, 1)))
        self.wakeup = WakeUp()
        every = self.settings.runner.check_hours
        self.checks = TargetChecks(self.store, self.clock, self.targets, choice_of(self.settings), every)
        self.sessions = Sessions(self.context)
        self.heart = Heart.build(
            self.context,
            self.targets,
            board,
            self.wakeup,
            policy=password_policy(self.settings),
            sessions=self.sessions,
            throttle=Throttle(self.context),
            verifiers=Verifiers(Argon2Cost(64, 1)),
            checks=self.checks,
            lock_name=lock_name,
        )

    def close(self) -> None:
        """Give back connections."""
        for target in self.targets.values():
            target.connector.close()
        self.store.close()

    # People.

    def official(self, post: str) -> Actor:
        """An official with this post."""
        with self.store.begin() as session:
            row = session.scalars(select(OfficialRow).where(OfficialRow.username == post)).one_or_none()
            if row is None:
                row = OfficialRow(username=post, full_name=post, posts=post, password_hash="!", created_at=self.clock())
                session.add(row)
                session.flush()
            return Actor(row.id, post, post.title(), (Capacity(post, post.title()),))

    def official_who_is(self, someone: Someone, post: str) -> Actor:
        """An official with this post who is the person of an account."""
        return replace(self.official(post), person_key=self.account(someone).person_key)

    def approved(
        self,
        username: str = "dewi.lestari",
        *,
        replaces: str = "",
        valid_until: str = "",
        recorded: tuple[str, RemoteAccount] | None = None,
    ) -> Someone:
        """A request whose pact was signed just now. ``recorded``: for the account that this system had before."""
        by, ticket, now = self.official("section_head"), Ticket.new(), self.clock()
        keys = ticket.keys()
        profile = Profile(
            full_name="Dewi Lestari Handayani",
            display_name="Dewi Lestari Handayani, A.Md.",
            role="OPERATOR_DAFDUK",
            region="35.76.02",
            org_unit="Kelurahan Gedongan",
            position="Operator",
            mail="dewi@example.go.id",
            phone="+6281234567890",
            valid_until=valid_until,
        )
        with self.store.begin() as session:
            letter = LetterRow(
                number="800/112", channel="public", state="disposed", step=4, created_at=now, sender="Kelurahan"
            )
            session.add(letter)
            session.flush()
            request = RequestRow(
                letter_id=letter.id,
                state=RequestState.CREATION,
                person_key=self.keyring.lookup("test", username),
                full_name=profile.full_name,
                display_name=profile.display_name,
                role=profile.role,
                region=profile.region,
                replaces_username=replaces,
                ticket_fingerprint=keys.fingerprint(),
                opening_key=keys.opening,
                signing_key=keys.signing,
                created_at=now,
            )
            session.add(request)
            session.flush()
            if recorded is not None:
                session.add(_list_with(*recorded, request.id, now))
            pact = PactRow(
                number=f"PI/{request.id[:12]}",
                request_id=request.id,
                state="signed",
                text_revision="1",
                facts=b"",
                document=b"",
                sha256="",
                length=0,
                prepared_by=by.official_id,
                prepared_at=now,
            )
            session.add(pact)
            session.flush()
            account = self.heart.lifecycle.establish(
                session,
                request=request,
                pact=pact,
                username=username,
                profile=profile,
                by=TrailActor.official(by.official_id, "Kepala Seksi"),
                at=now,
            )
            return Someone(account.id, request.id, username, ticket)

    def new_ticket(self, someone: Someone) -> None:
        """The person exchanges an enrolment code for a new ticket."""
        someone.ticket = Ticket.new()
        keys = someone.ticket.keys()
        with self.store.begin() as session:
            request = session.get_one(RequestRow, someone.request_id)
            request.ticket_fingerprint, request.opening_key = keys.fingerprint(), keys.opening
            self.heart.lifecycle.ticket_registered(session, request, self.clock())

    def open(self, someone: Someone, session_id: str = "browser") -> Opening:
        """The person opens the envelope."""
        return self.heart.handover.open(someone.ticket.text(), session_id, "192.0.2.7")

    def received(self, username: str = "dewi.lestari") -> tuple[Someone, str]:
        """A person with an open envelope, and the initial password to sign in here with."""
        someone = self.approved(username)
        self.heart.drain()
        name = self.targets.sign_in.name if self.targets.sign_in is not None else ""
        slips = sorted(self.open(someone).slips, key=lambda slip: name not in slip.targets)
        return someone, slips[0].password

    def active(self, username: str = "dewi.lestari") -> Someone:
        """A person who has chosen a password (:data:`OWN`) and works."""
        someone, initial = self.received(username)
        self.heart.passwords.change(someone.account_id, initial, OWN)
        self.heart.drain()
        return someone

    # Looking.

    def connector(self, target: str) -> Any:
        """The connector of a target, as whatever kind it is."""
        return self.targets[target].connector

    def entry(self, target: str, someone: Someone) -> RemoteAccount:
        """The one entry of an account at a target."""
        (entry,) = self.targets[target].connector.find(someone.account_id)
        return entry

    def account(self, someone: Someone) -> AccountRow:
        """The account's row, with its links and credentials."""
        with self.store.read() as session:
            row = session.get_one(AccountRow, someone.account_id)
            for credential in row.credentials:
                _ = credential.generations, credential.links
            _ = row.links
            return row

    def link(self, someone: Someone, target: str) -> LinkRow:
        """One link's row."""
        return next(link for link in self.account(someone).links if link.target == target)

    def progress(self, someone: Someone) -> dict[str, Progress]:
        """Progress by target."""
        return {each.target: each for each in self.heart.accounts.progress(someone.account_id)}

    def words(self, someone: Someone) -> dict[str, str]:
        """The word of each target's progress."""
        return {name: each.word for name, each in self.progress(someone).items()}

    def request_state(self, someone: Someone) -> str:
        """Where the request stands."""
        with self.store.read() as session:
            return session.get_one(RequestRow, someone.request_id).state

    def generations(self, someone: Someone) -> list[GenerationRow]:
        """Every generation of every credential, oldest first."""
        rows = (each for credential in self.account(someone).credentials for each in credential.generations)
        return sorted(rows, key=lambda row: row.number)

    def events(self) -> list[str]:
        """Kinds of every event so far."""
        with self.store.read() as session:
            return list(session.scalars(select(AuditRow.kind).order_by(AuditRow.seq)))


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """Tests end processes, they do not cut the power."""
    connection.execute("PRAGMA synchronous=OFF")


def _list_with(target: str, entry: RemoteAccount, request_id: str, at: datetime) -> RecordedListRow:
    """A list that names this one entry, for which the request was made."""
    row = RecordedAccountRow(
        line=2,
        live_key=live_key(target, entry.username),
        target=target,
        username=entry.username,
        folded=entry.username,
        remote_id=entry.remote_id,
        full_name="Dewi Lestari Handayani",
        contact=b"",
        state=RecordedState.RECORDED,
        pact_by=at.date(),
        request_id=request_id,
    )
    return RecordedListRow(target=target, pact_by=at.date(), recorded_at=at, accounts=[row])
