"""Everything about accounts, built once: convergence, credentials, the runner and the use cases on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from provisioner.attachment import AttachmentReader
from provisioner.board import StoreBoard
from provisioner.convergence.converge import Converger
from provisioner.convergence.planner import Planner
from provisioner.convergence.readiness import Milestones, Readiness
from provisioner.convergence.record import Recorder
from provisioner.convergence.snapshot import Snapshots
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import WorkList
from provisioner.credential.clear_text import ClearTextIssuer
from provisioner.credential.issuing import Issuer
from provisioner.credential.own_password import OwnPasswords
from provisioner.dispatch import engine
from provisioner.dispatch.crew import Duty, Work
from provisioner.dispatch.lock_file import RUNNER_LOCK
from provisioner.dispatch.port import Runner
from provisioner.dispatch.wakeup import WakeUp
from provisioner.password_policy import PasswordPolicy
from provisioner.provisioning.account_changes import AccountChanges
from provisioner.provisioning.account_expiry import AccountExpiry
from provisioner.provisioning.account_systems import AccountSystems
from provisioner.provisioning.accounts import Accounts
from provisioner.provisioning.cards import Cards
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_alarms import EnvelopeAlarms
from provisioner.provisioning.envelope_end import EnvelopeEnd
from provisioner.provisioning.envelope_status import Envelopes
from provisioner.provisioning.forgetting import Forgetting
from provisioner.provisioning.handover import Handover
from provisioner.provisioning.help_answers import HelpAnswers
from provisioner.provisioning.help_cards import HelpCards
from provisioner.provisioning.lifecycle import AccountLifecycle
from provisioner.provisioning.milestones import RequestMilestones
from provisioner.provisioning.official_terms import OfficialTerms
from provisioner.provisioning.operator_sign_in import OperatorSignIn
from provisioner.provisioning.password_following import PasswordFollowing
from provisioner.provisioning.password_settling import PasswordSettling
from provisioner.provisioning.passwords import Passwords
from provisioner.provisioning.places import Places
from provisioner.provisioning.previews import Previews
from provisioner.provisioning.progress import SystemsProgress
from provisioner.provisioning.queue import Queue
from provisioner.provisioning.reconciliations import Parts, Reconciliations
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.sign_in_target import SignInTarget
from provisioner.provisioning.systems import Systems
from provisioner.provisioning.throttle import Throttle
from provisioner.provisioning.upkeep import Upkeep
from provisioner.reconciliation.closing import Closing
from provisioner.reconciliation.lists import Lists
from provisioner.reconciliation.orders import Orders
from provisioner.reconciliation.reader import Reader
from provisioner.reconciliation.reading import Readings
from provisioner.reconciliation.run import Runs
from provisioner.store.statistics import Statistics
from provisioner.target_checks import TargetChecks
from provisioner.username import UsernamePolicy
from provisioner.verifier import Verifiers


@dataclass(frozen=True)
class Heart:
    """The use cases on accounts, and what carries them out."""

    lifecycle: AccountLifecycle
    envelope_alarms: EnvelopeAlarms
    envelope_end: EnvelopeEnd
    handover: Handover
    operator_sign_in: OperatorSignIn
    sign_in_target: SignInTarget
    passwords: Passwords
    places: Places
    accounts: Accounts
    account_systems: AccountSystems
    account_expiry: AccountExpiry
    queue: Queue
    reconciliations: Reconciliations
    previews: Previews
    systems: Systems
    cards: Cards
    help_cards: HelpCards
    help_answers: HelpAnswers
    issuer: Issuer
    work: WorkList
    converger: Converger
    targets: TargetSet
    reader: Reader
    runner: Runner

    @classmethod
    def build(
        cls,
        context: Context,
        targets: TargetSet,
        board: StoreBoard,
        wakeup: WakeUp,
        *,
        policy: PasswordPolicy,
        sessions: Sessions,
        throttle: Throttle,
        verifiers: Verifiers,
        checks: TargetChecks,
        milestones: Milestones | None = None,
        more_duties: Sequence[Duty] = (),
        lock_name: str = str(RUNNER_LOCK),
    ) -> "Heart":
        """Connects to nothing and starts nothing."""
        settings, store, clock = context.settings, context.store, context.clock
        keyring, trail = context.keyring, context.trail
        heard = milestones or RequestMilestones(context)
        readiness = Readiness(clock, trail, keyring, settings.envelope, heard)
        work = WorkList(store, clock, settings.runner)
        recorder = Recorder(store, clock, trail, work, readiness, observer=context.observer)
        snapshots = Snapshots(keyring, clock)
        clear_text = ClearTextIssuer(store, clock, trail, work, context.office.name)
        converger = Converger(store, targets, work, snapshots, recorder, clear_text)
        lease = timedelta(seconds=settings.runner.lease_seconds)
        issuer = Issuer(store, clock, trail, keyring, targets, context.office.name, lease)
        envelopes, alarms, end = Envelopes(context, targets), EnvelopeAlarms(context), EnvelopeEnd(context, wakeup)
        handover = Handover(context, targets, heard, envelopes, alarms)
        help_cards = HelpCards(context, throttle)
        progress, changes = SystemsProgress(targets), AccountChanges(context, wakeup)
        accounts = Accounts(context, progress, envelopes, changes, heard, sessions, throttle, help_cards)
        expiry = AccountExpiry(context, changes, sessions)
        usernames = UsernamePolicy(context.office.username, [each.connector.limits for each in targets.values()])
        own = OwnPasswords(keyring, targets, verifiers)
        sign_in = SignInTarget(context, targets, own, throttle)
        settling = PasswordSettling(context, sign_in, own, sessions, wakeup)
        following = PasswordFollowing(context, targets, own, work, readiness, wakeup)
        upkeep = Upkeep(context, throttle)
        duties = (
            end.lapse,
            end.destroy_shown,
            expiry.expire,
            expiry.delete_quarantined,
            upkeep.write_anchor,
            upkeep.forget_drafts,
            upkeep.forget_counters,
            Forgetting(context).erase_old,
            OfficialTerms(context, sessions).end_over,
            Statistics(store, clock).renew_if_due,
            *more_duties,
        )
        parts = _reconciliation(context, targets, work, wakeup, board)
        to_do = Work(list(targets), work, converger, issuer, duties, parts.reader, checks)
        return cls(
            lifecycle=AccountLifecycle(context, targets, wakeup, board),
            envelope_alarms=alarms,
            envelope_end=end,
            handover=handover,
            operator_sign_in=OperatorSignIn(context, sign_in, settling, throttle, verifiers, help_cards, following),
            sign_in_target=sign_in,
            passwords=Passwords(context, targets, sign_in, own, policy, throttle, settling, following),
            places=Places(context, targets, own),
            accounts=accounts,
            account_systems=AccountSystems(context, changes, usernames, handover, readiness, wakeup),
            account_expiry=expiry,
            queue=Queue(context, progress),
            reconciliations=Reconciliations(context, targets, wakeup, parts),
            previews=Previews(context, targets, Planner(targets), snapshots),
            systems=Systems(context, targets, checks, wakeup),
            cards=Cards(context, targets, board, readiness, wakeup, AttachmentReader(settings.attachments)),
            help_cards=help_cards,
            help_answers=HelpAnswers(context, accounts),
            issuer=issuer,
            work=work,
            converger=converger,
            targets=targets,
            reader=parts.reader,
            runner=engine.runner(settings, to_do, wakeup, store, clock, lock_name),
        )

    def drain(self) -> None:
        """Do everything that is due now in this thread, and return; see :meth:`Runner.drain`."""
        self.runner.drain()


def _reconciliation(context: Context, targets: TargetSet, work: WorkList, wakeup: WakeUp, board: StoreBoard) -> Parts:
    store, clock, trail, keyring = context.store, context.clock, context.trail, context.keyring
    settings = context.settings.reconciliation
    orders, closing = Orders(clock, trail, wakeup), Closing(store, clock, trail, targets)
    runs = Runs(store, clock, keyring, trail, orders, settings)
    readings = Readings(store, clock, keyring, targets, runs, work)
    reader = Reader(store, clock, context.office, targets, runs, readings, closing, settings)
    return Parts(runs, orders, readings, reader, closing, Lists(store, clock, targets, board))
