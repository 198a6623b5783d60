"""One request from the letter to the first login, against the configured targets: the smoke test after installing.

It goes through the same use cases as the pages, with officials and an applicant made for it, and cleans up: the account
is revoked and removed from every target, the officials are disabled. The request stays in the books, as every request.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from provisioner import audit
from provisioner.actor import Actor
from provisioner.audit.events import Recordable
from provisioner.bootstrap import Provisioner
from provisioner.connector import AsksPeople
from provisioner.errors import ProvisionerError, WrongState
from provisioner.initial_password import initial_password
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning.handover import Opening
from provisioner.provisioning.officials import OfficialProfile
from provisioner.provisioning.pacts import Approval
from provisioner.store.tables import AccountRow, LinkRow
from provisioner.ticket import Ticket

PATIENCE_SECONDS = 120.0
_BIRTH = "1990-01-01"


@dataclass(frozen=True)
class Stage:
    """What one stage of the walk did. ``step`` is the SOP's number; 0 after it."""

    step: int
    stage: str
    output: str
    seconds: float
    data: Mapping[str, Any] = field(default_factory=dict)


class Walk:
    """Walks one request. ``on_wait`` is told while targets are waited for."""

    def __init__(
        self,
        provisioner: Provisioner,
        applicant: Mapping[str, str] | None = None,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._p = provisioner
        self._bio = dict(applicant) if applicant else self._example()
        self._on_wait = on_wait
        self._people: dict[str, tuple[Actor, str, str]] = {}
        self._request_id = ""
        self._account_id = ""
        self._kept = False
        self._mark = time.monotonic()

    def run(self, *, keep: bool = False) -> Iterator[Stage]:
        """Every stage as it is done. With ``keep`` it stops before the first change and gives user name and initial
        password in the last stage's ``data``; only its officials are disabled then.

        :raises ProvisionerError: a stage was refused; everything before it is cleaned up.
        """
        self._mark = time.monotonic()
        self._note("walk-begun", targets=list(self._p.targets))
        result, code = "broken-off", None
        try:
            yield from self._sop()
            yield from self._receiving(keep=keep)
            result = "passed"
        except ProvisionerError as error:
            result, code = "refused", error.code
            raise
        finally:
            self._clean_up(keep_account=self._kept)
            self._note("walk-finished", result=result, kept=self._kept, code=code)
        if not self._kept:
            yield self._stage(0, "cleaned-up", "account revoked and removed, officials disabled")

    def _receiving(self, *, keep: bool) -> Iterator[Stage]:
        opening = self._open()
        # The one to sign in here with; else one that is changed here, else any.
        slips = sorted(
            opening.slips, key=lambda slip: (self._p.settings.sign_in_target not in slip.targets, bool(slip.change_at))
        )
        if not slips:
            raise WrongState("envelope-not-ready")
        slip, step = slips[0], self._p.context.step_of(Act.RECEIVE)
        if keep:
            self._kept = True
            data = {"username": slip.username, "initial_password": slip.password, "targets": list(slip.targets)}
            yield self._stage(step.number, "received", step.output, **data)
        else:
            yield self._stage(step.number, "received", step.output, username=slip.username)
            yield from self._first_login(slip.username, slip.password)

    # -- the SOP -----------------------------------------------------------------------------------------------------

    def _sop(self) -> Iterator[Stage]:
        begun = self._p.drafting.begin(address="walk")
        self._request_id, self._ticket = begun.request_id, begun.ticket
        own = self._p.tracking.own(begun.request_id)
        letter = {"number": "WALK/1", "letter_date": self._p.context.today().isoformat(), "sender": "provisioner walk"}
        self._p.drafting.save_letter(begun.request_id, own.letter_revision, letter)
        _, checked = self._p.drafting.save_bio(begun.request_id, own.revision, self._bio)
        (number,) = self._p.drafting.submit(begun.request_id, address="walk")
        first = self._p.procedure.step(1)
        yield self._stage(1, "submitted", first.output, request=number, warnings=sorted(checked.warnings))
        letter_id = self._letter_id()
        for step in self._p.procedure.steps_of(Act.DISPOSE):
            actor = self._official(step.actor)
            self._p.desks.open(actor, letter_id)
            view = self._p.reading.letter(actor, letter_id)
            if view.state != LetterState.DISPOSING:
                raise WrongState("letter-wrong-state", state=view.state)
            self._p.desks.forward(actor, letter_id, view.revision, note="provisioner walk")
            yield self._stage(step.number, "disposed", step.output)
        yield from self._pact()
        yield from self._creation()

    def _pact(self) -> Iterator[Stage]:
        step = self._p.context.step_of(Act.REVIEW)
        actor = self._official(step.actor)
        self._p.review.open(actor, self._request_id)
        offer = self._p.usernames.offer(actor, self._request_id)
        revision = self._p.reading.request(actor, self._request_id).revision
        code = Ticket.parse(self._ticket).keys().check_code()
        approval = Approval(offer.username, code, person_confirmed=True, answer="provisioner walk")
        pact_id = self._p.pacts.approve(actor, self._request_id, revision, approval)
        self._p.signatures.sign_as_applicant(self._request_id, self._ticket)
        self._p.pacts.document(actor, pact_id)
        _, _, password = self._people[step.actor]
        (signed,) = self._p.signatures.sign(actor, [pact_id], password)
        if signed.error is not None:
            raise signed.error
        yield self._stage(step.number, "pact-signed", step.output, pact=signed.number, username=offer.username)

    def _creation(self) -> Iterator[Stage]:
        step = self._p.context.step_of(Act.CREATE)
        if self._p.settings.procedure.step_5 == "button":
            self._p.signatures.create_account(self._official(step.actor), self._request_id)
        with self._p.context.store.read() as session:
            self._account_id = session.query(AccountRow).filter_by(request_id=self._request_id).one().id
        self._wait(self._envelope_ready, "waiting for the systems")
        found = self._p.accounts.progress(self._account_id)
        yield self._stage(
            step.number,
            "created",
            step.output,
            targets=[{"target": each.target, "state": each.word} for each in found],
        )

    def _open(self) -> Opening:
        _, token = self._p.drafting.with_ticket(self._ticket, address="walk")
        here = self._p.applicant_session(token)
        if here is None:
            raise WrongState("session-over")
        return self._p.handover.open(self._ticket, here.id, "walk")

    def _first_login(self, username: str, password: str) -> Iterator[Stage]:
        if self._p.settings.sign_in_target is None:
            return
        token, stage = self._p.operators.sign_in(username, password, address="walk")
        here = self._p.operators.session(token)
        if stage != "change" or here is None:
            raise WrongState("first-change-not-demanded", state=stage)
        yield self._stage(0, "first-login", "signed in; only changing the password is allowed")
        new = initial_password()
        token, _ = self._p.operators.change_password(here, password, new, address="walk")
        self._wait(self._all_done, "waiting for the systems")
        _, stage = self._p.operators.sign_in(username, new, address="walk")
        yield self._stage(0, "in", "signed in with the new password", session=stage)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _envelope_ready(self) -> bool:
        status = self._p.handover.status(self._account_id)
        by_people = {target.label for target in self._p.targets.values() if isinstance(target.connector, AsksPeople)}
        return status.can_open and all(
            slip.state == "ready" or by_people.issuperset(slip.labels) for slip in status.slips
        )

    def _all_done(self) -> bool:
        words = {each.word for each in self._p.accounts.progress(self._account_id)}
        return not words & {"waiting", "in-doubt"}

    def _wait(self, done: Callable[[], bool], what: str) -> None:
        """Work until ``done``; beside a running service only wait: its runner does the work."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not done():
            self._on_wait(what)
            try:
                self._p.heart.drain()
            except WrongState:
                time.sleep(0.2)
            failed = [each for each in self._p.accounts.progress(self._account_id) if each.word == "failed"]
            if failed:
                raise WrongState("target-failed", target=failed[0].target, reason=failed[0].reason)
            if time.monotonic() > ends:
                raise WrongState("walk-out-of-patience", seconds=PATIENCE_SECONDS)
            if not done():
                time.sleep(0.05)

    def _official(self, post: str) -> Actor:
        """An official made for this walk; nobody takes two steps of one request, so there is one for each desk."""
        if post not in self._people:
            password = initial_password()
            username = f"walk-{post.replace('_', '-')}-{secrets.token_hex(4)}"
            profile = OfficialProfile(username, f"Walk {post.replace('_', ' ')}", (post,), position=post)
            official_id, _ = self._p.officials.add(profile, password=password)
            actor = self._p.officials.actor(official_id)
            if actor is None:
                raise WrongState("official-suspended")
            self._people[post] = (actor, username, password)
        return self._people[post][0]

    def _letter_id(self) -> str:
        actor = self._official(self._p.procedure.steps_of(Act.DISPOSE)[0].actor)
        return self._p.reading.request(actor, self._request_id).letter.id

    def _clean_up(self, *, keep_account: bool) -> None:
        if keep_account:
            pass
        elif self._account_id:
            self._revoke()
        elif self._request_id:
            # Where it was refused already there is nothing to take back, and nothing of it reached a target.
            with suppress(ProvisionerError):
                self._p.repair.withdraw(self._request_id, "provisioner walk")
        for _, username, _ in self._people.values():
            self._p.officials.suspend(username, "provisioner walk")

    def _revoke(self) -> None:
        """Revoke, carry it out, then let the quarantine end at once: nobody ever worked with this account."""
        actor = self._official("it")
        self._p.accounts.revoke(actor, self._account_id, "replaced", "provisioner walk")
        self._wait(self._all_done, "revoking")
        now = self._p.context.clock()
        with self._p.context.store.begin() as session:
            session.execute(
                update(AccountRow).where(AccountRow.id == self._account_id).values(delete_after=now - timedelta(days=1))
            )
        self._wait(self._all_gone, "removing")

    def _all_gone(self) -> bool:
        with self._p.context.store.read() as session:
            links = session.query(LinkRow).filter_by(account_id=self._account_id).all()
        connectors = {name: target.connector for name, target in self._p.targets.items()}
        return all(link.state == "gone" or isinstance(connectors.get(link.target), AsksPeople) for link in links)

    def _note(self, kind: str, **fields: Recordable) -> None:
        with self._p.context.store.begin() as session:
            self._p.context.trail.record(session, kind, actor=audit.Actor.command(), subjects=None, **fields)

    def _stage(self, step: int, stage: str, output: str, **data: Any) -> Stage:
        now = time.monotonic()
        took, self._mark = now - self._mark, now
        return Stage(step, stage, output, round(took, 3), data)

    def _example(self) -> dict[str, str]:
        """A person who does not exist: the serial at the end of the NIK is drawn anew for every walk."""
        office = self._p.office
        city = office.regions.city.code.replace(".", "")
        role = office.roles[0]
        region = office.regions.of_level(role.levels[0])[0]
        return {
            "full_name": f"Walk {''.join(secrets.choice('abcdefghijklmnop') for _ in range(8)).title()}",
            "nik": f"{city}01010190{secrets.randbelow(9000) + 1000}",
            "employment_status": "non_asn",
            "birth_place": office.city,
            "birth_date": _BIRTH,
            "sex": "male",
            "position": "Operator uji",
            "org_unit": office.short_name,
            "address": office.city,
            "phone": "081200000000",
            "mail": "walk@example.go.id",
            "education": "S1",
            "assignment_order": "WALK/1",
            "assignment_order_date": self._p.context.today().isoformat(),
            "role": role.code,
            "region_scope": region.code,
            "reason": "provisioner walk",
            "supervisor": "provisioner walk",
        }
