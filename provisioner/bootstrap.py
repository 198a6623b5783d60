"""The composition root: everything is built and wired here, once per process. Building connects to no target."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path

from provisioner.attachment import AttachmentReader
from provisioner.board import StoreBoard
from provisioner.card_work import CardDeadlines
from provisioner.clock import Clock, system_clock
from provisioner.common_password import CommonPasswords, load_words
from provisioner.convergence.target_set import TargetSet
from provisioner.dispatch.engine import wake_up
from provisioner.documents.case_cover import CaseCovers
from provisioner.documents.letters_in_use import LettersInUse
from provisioner.documents.renderer import Renderer
from provisioner.errors import ConfigurationError
from provisioner.heart import Heart
from provisioner.month.monthly_check import MonthlyCheck
from provisioner.month.point import Point
from provisioner.month.sources import ask_everything
from provisioner.observation.observer import UNOBSERVED, Observer
from provisioner.observation.probes import Probes
from provisioner.office import Office
from provisioner.opening import build_context
from provisioner.pact_due import PactRules
from provisioner.password_policy import PasswordPolicy
from provisioner.preflight import Choice
from provisioner.procedure import Procedure
from provisioner.provisioning.account_changes import AccountChanges
from provisioner.provisioning.account_systems import AccountSystems
from provisioner.provisioning.accounts import Accounts
from provisioner.provisioning.accounts_on_day import AccountsOnDay
from provisioner.provisioning.attachments import Attachments
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.boxes import Boxes
from provisioner.provisioning.bsre_signing import BsreSigning
from provisioner.provisioning.cards import Cards
from provisioner.provisioning.case_binder import CaseBinder
from provisioner.provisioning.case_files import CaseFiles
from provisioner.provisioning.case_papers import CasePapers
from provisioner.provisioning.case_samples import CaseSamples
from provisioner.provisioning.concerns import Concerns
from provisioner.provisioning.context import Context
from provisioner.provisioning.desks import Desks
from provisioner.provisioning.destroying import Destroying
from provisioner.provisioning.destructions import Destructions
from provisioner.provisioning.deviations import DeviationLists
from provisioner.provisioning.drafting import Drafting
from provisioner.provisioning.enrolment import Enrolment
from provisioner.provisioning.envelope_alarms import EnvelopeAlarms
from provisioner.provisioning.first_passwords import FirstPasswords
from provisioner.provisioning.handover import Handover
from provisioner.provisioning.help_answers import HelpAnswers
from provisioner.provisioning.help_cards import HelpCards
from provisioner.provisioning.inbox import Inboxes
from provisioner.provisioning.key_copies import KeyCopies
from provisioner.provisioning.mandates import Mandates
from provisioner.provisioning.official_sessions import OfficialSessions
from provisioner.provisioning.official_sign_in import OfficialSignIn
from provisioner.provisioning.official_stages import Stages
from provisioner.provisioning.official_terms import OfficialTerms
from provisioner.provisioning.official_views import OfficialViews
from provisioner.provisioning.officials import Officials
from provisioner.provisioning.operators import Operators
from provisioner.provisioning.pact_checks import PactChecks
from provisioner.provisioning.pact_deadlines import PactDeadlines
from provisioner.provisioning.pact_facts import PactFactsGathering
from provisioner.provisioning.pact_overview import PactOverview
from provisioner.provisioning.pact_renewals import PactRenewals
from provisioner.provisioning.pact_texts import PactTexts
from provisioner.provisioning.pacts import Pacts
from provisioner.provisioning.paper_dispositions import PaperDispositions
from provisioner.provisioning.paper_facts import gathering, request_letter
from provisioner.provisioning.paper_rounds import PaperRounds
from provisioner.provisioning.papers import Papers
from provisioner.provisioning.passwords import Passwords
from provisioner.provisioning.possible_acts import PossibleActs
from provisioner.provisioning.previews import Previews
from provisioner.provisioning.queue import Queue
from provisioner.provisioning.reading import Reading
from provisioner.provisioning.receipts import Receipts
from provisioner.provisioning.reconciliations import Reconciliations
from provisioner.provisioning.recorded_lists import RecordedLists
from provisioner.provisioning.recorded_views import RecordedViews
from provisioner.provisioning.recording import Recording
from provisioner.provisioning.register import Register
from provisioner.provisioning.register_export import RegisterExport
from provisioner.provisioning.registering import Registering
from provisioner.provisioning.repair import Repair
from provisioner.provisioning.request_previews import RequestPreviews
from provisioner.provisioning.request_search import RequestSearch
from provisioner.provisioning.restorations import Restorations
from provisioner.provisioning.retention import Retention
from provisioner.provisioning.review import Review
from provisioner.provisioning.second_factors import SecondFactors
from provisioner.provisioning.sessions import SessionInfo, Sessions
from provisioner.provisioning.signatures import Signatures
from provisioner.provisioning.staff_match import StaffMatching
from provisioner.provisioning.systems import Systems
from provisioner.provisioning.throttle import Throttle
from provisioner.provisioning.tracking import Tracking
from provisioner.provisioning.trail_reading import TrailReading
from provisioner.provisioning.username_offer import UsernameOffers
from provisioner.provisioning.verification import Verification
from provisioner.provisioning.wet_ink import WetInk
from provisioner.settings import Settings
from provisioner.signing_setup import bsre_service, pact_documents
from provisioner.store.schema import refuse_unusable
from provisioner.target_checks import TargetChecks
from provisioner.targets import build_targets
from provisioner.username import UsernamePolicy
from provisioner.verifier import Argon2Cost, Verifiers
from provisioner.worktime import WorkTime


@dataclass(frozen=True)
class Provisioner:
    """Everything a front end may call. One attribute per subject; see the classes' own texts."""

    context: Context
    targets: TargetSet
    heart: Heart
    sessions: Sessions
    drafting: Drafting
    registering: Registering
    register: Register
    register_export: RegisterExport
    repair: Repair
    tracking: Tracking
    attachments: Attachments
    letters: LettersInUse
    receipts: Receipts
    papers: Papers
    case_files: CaseFiles
    boxes: Boxes
    retention: Retention
    destructions: Destructions
    desks: Desks
    paper_dispositions: PaperDispositions
    review: Review
    usernames: UsernameOffers
    pacts: Pacts
    pact_renewals: PactRenewals
    pact_deadlines: PactDeadlines
    pact_checks: PactChecks
    pact_overview: PactOverview
    signatures: Signatures
    wet_ink: WetInk
    inboxes: Inboxes
    request_search: RequestSearch
    reading: Reading
    enrolment: Enrolment
    verification: Verification
    officials: Officials
    official_views: OfficialViews
    official_terms: OfficialTerms
    mandates: Mandates
    sign_in: OfficialSignIn
    second_factors: SecondFactors
    official_sessions: OfficialSessions
    accounts: Accounts
    account_systems: AccountSystems
    queue: Queue
    reconciliations: Reconciliations
    restorations: Restorations
    previews: Previews
    systems: Systems
    concerns: Concerns
    request_previews: RequestPreviews
    cards: Cards
    help_cards: HelpCards
    help_answers: HelpAnswers
    envelope_alarms: EnvelopeAlarms
    handover: Handover
    passwords: Passwords
    operators: Operators
    trail_reading: TrailReading
    recording: Recording
    recorded_lists: RecordedLists
    recorded_views: RecordedViews
    accounts_on_day: AccountsOnDay
    staff_matching: StaffMatching
    case_samples: CaseSamples
    deviations: DeviationLists
    key_copies: KeyCopies
    first_passwords: FirstPasswords
    month: MonthlyCheck

    @property
    def office(self) -> Office:
        """The office's names, posts, roles, regions and lists."""
        return self.context.office

    @property
    def procedure(self) -> Procedure:
        """The SOP."""
        return self.context.procedure

    @cached_property
    def probes(self) -> Probes:
        """``/healthz``, ``/readyz`` and ``/metrics`` of this process."""
        probes: Probes = import_module("provisioner.observation.seen").probes_of(self.context)  # Commands need none.
        return probes

    @property
    def settings(self) -> Settings:
        """Every setting."""
        return self.context.settings

    def applicant_session(self, token: str) -> SessionInfo | None:
        """The live session of an applicant's browser; its subject is the request."""
        return self.sessions.find(token, "applicant") if token else None

    def close(self) -> None:
        """Give back connections to the targets and the store."""
        for target in self.targets.values():
            target.connector.close()
        self.context.store.close()


def build(settings: Settings, clock: Clock = system_clock, observer: Observer = UNOBSERVED) -> Provisioner:
    """Build everything over a store that ``provisioner init`` has prepared. ``observer`` hears what happens.

    :raises ConfigurationError: a file or setting is wrong, the office was not prepared, or the database is of a
        release that this program cannot work with.
    """
    context = build_context(settings, clock, observer)
    try:
        refuse_unusable(context.store.engine)
        return assemble(context)
    except BaseException:
        context.store.close()
        raise


def assemble(context: Context) -> Provisioner:
    """Wire the use cases. See :func:`build`."""
    settings, office = context.settings, context.office
    cost = Argon2Cost(settings.passwords.argon2_memory_kib, settings.passwords.argon2_iterations)
    verifiers = Verifiers(cost, observer=context.observer)
    policy = password_policy(settings)
    worktime = WorkTime(office.calendar, office.zone)
    sessions, throttle, forms = Sessions(context), Throttle(context), BioForms(context)
    board = StoreBoard(
        context.store, context.keyring, context.clock, context.trail, CardDeadlines(settings.cards, worktime)
    )
    try:
        targets = TargetSet(
            build_targets(
                {
                    name: {"kind": each.kind, "label": each.label, **settings.target_settings(name)}
                    for name, each in settings.targets.items()
                },
                board=board,
                call_timeout=settings.runner.call_timeout_seconds,
            ),
            settings.targets,
            verifiers,
            context.observer,
        )
    except ValueError as error:
        raise ConfigurationError("targets", str(error)) from error
    letters = LettersInUse(Path(settings.office_dir) / "letters", settings.path(Path("letters")))
    renderer = Renderer(letters.folder)
    documents, wakeup = pact_documents(context, renderer), wake_up(settings)
    texts = PactTexts(context, documents.text)
    texts.refuse_changed()
    rules = PactRules(documents.text, settings.pact)
    deadlines = PactDeadlines(context, rules, AccountChanges(context, wakeup), sessions)
    pact_checks = PactChecks(context, documents)
    papers = Papers(context, renderer, gathering(context, targets), request_letter.draft, settings.web.address)
    rounds, retention, month = PaperRounds(context, papers), Retention(context), MonthlyCheck(context)
    every = settings.runner.check_hours
    checks = TargetChecks(context.store, context.clock, targets, choice_of(settings), every)
    heart = Heart.build(
        context,
        targets,
        board,
        wakeup,
        policy=policy,
        sessions=sessions,
        throttle=throttle,
        verifiers=verifiers,
        checks=checks,
        more_duties=(
            texts.keep_used,
            deadlines.suspend_late,
            deadlines.lift_early,
            pact_checks.step,
            rounds.make_some,
            month.look_if_due,
            Destroying(context, retention, papers).carry_on,
        ),
    )
    concerns = Concerns(context, targets, checks)
    on_day = AccountsOnDay(context)
    bsre = BsreSigning(context, documents, bsre_service(settings))
    officials = Officials(context, sessions, throttle, verifiers)
    stages = Stages(context, officials)
    second_factors = SecondFactors(context, sessions, stages)
    sign_in = OfficialSignIn(context, officials, stages, second_factors, sessions, throttle, verifiers, policy)
    limits = [target.connector.limits for target in targets.values()]
    offers = UsernameOffers(context, dict(targets), UsernamePolicy(office.username, limits))
    desks, reader = Desks(context), AttachmentReader(settings.attachments)
    cases = case_files(context, renderer, CasePapers(context, papers, documents, forms))
    facts = PactFactsGathering(context, documents, forms, f"{settings.web.address}/verifikasi/")
    renewals = PactRenewals(context, documents, facts, texts, deadlines, heart.sign_in_target, throttle)
    signatures = Signatures(context, documents, sign_in, heart.lifecycle, forms, renewals, bsre)
    built = Provisioner(
        context=context,
        targets=targets,
        heart=heart,
        sessions=sessions,
        drafting=Drafting(context, sessions, throttle, forms),
        registering=Registering(context),
        register=Register(context),
        register_export=RegisterExport(context, renderer),
        repair=Repair(context, forms),
        tracking=Tracking(context, forms, throttle, worktime),
        attachments=Attachments(context, reader),
        letters=letters,
        receipts=Receipts(context, renderer),
        papers=papers,
        boxes=Boxes(context, renderer),
        case_files=cases,
        retention=retention,
        destructions=Destructions(context, retention, sign_in, cases),
        desks=desks,
        paper_dispositions=PaperDispositions(context, desks, reader, papers),
        review=Review(context),
        usernames=offers,
        pacts=Pacts(context, documents, offers, facts, concerns, texts),
        pact_renewals=renewals,
        pact_deadlines=deadlines,
        pact_checks=pact_checks,
        pact_overview=PactOverview(context, rules, deadlines),
        concerns=concerns,
        request_previews=RequestPreviews(context, targets, forms, offers, heart.previews),
        systems=heart.systems,
        signatures=signatures,
        wet_ink=WetInk(context, reader, sign_in, signatures, renewals),
        inboxes=Inboxes(context),
        request_search=RequestSearch(context),
        reading=Reading(context, forms, worktime, PossibleActs(context)),
        enrolment=Enrolment(context, heart.lifecycle, sessions, throttle),
        verification=Verification(context, documents, throttle, settings.web.address),
        officials=officials,
        official_views=OfficialViews(context, sessions),
        official_terms=OfficialTerms(context, sessions),
        mandates=Mandates(context),
        sign_in=sign_in,
        second_factors=second_factors,
        official_sessions=OfficialSessions(context, sessions),
        accounts=heart.accounts,
        account_systems=heart.account_systems,
        queue=heart.queue,
        reconciliations=heart.reconciliations,
        restorations=Restorations(context, targets, heart.reconciliations, wakeup),
        previews=heart.previews,
        cards=heart.cards,
        help_cards=heart.help_cards,
        help_answers=heart.help_answers,
        envelope_alarms=heart.envelope_alarms,
        handover=heart.handover,
        passwords=heart.passwords,
        operators=Operators(
            context, heart.operator_sign_in, heart.passwords, heart.places, sessions, throttle, renewals
        ),
        trail_reading=TrailReading(context),
        recording=Recording(context, targets),
        recorded_lists=RecordedLists(context, targets, forms),
        recorded_views=RecordedViews(context, targets),
        accounts_on_day=on_day,
        staff_matching=StaffMatching(context, on_day),
        case_samples=CaseSamples(context, cases),
        deviations=DeviationLists(context, on_day, worktime),
        key_copies=KeyCopies(context, renderer),
        first_passwords=FirstPasswords(context, renderer, sessions, throttle, verifiers),
        month=month,
    )
    ask_everything(
        month,
        context,
        copies=built.key_copies,
        officials=built.official_views,
        terms=built.official_terms,
        retention=retention,
        systems=built.systems,
        files=lambda: _own_files(built),
    )
    return built


def _own_files(built: Provisioner) -> Iterator[Point]:
    # Late: what checks everything knows everything, this file included.
    from provisioner.month.own_files import own_files

    return own_files(built)


def case_files(context: Context, renderer: Renderer, papers: CasePapers) -> CaseFiles:
    """The maker of archives and bound case files."""
    covers = CaseCovers(renderer, context.office)
    return CaseFiles(context, papers, CaseBinder(context, papers, covers))


def password_policy(settings: Settings) -> PasswordPolicy:
    """The core's own rules for passwords that people choose."""
    words = load_words(settings.office_dir / "common-passwords.txt")
    return PasswordPolicy(CommonPasswords(words), settings.passwords.min_length, settings.passwords.max_length)


def choice_of(settings: Settings) -> Choice:
    """What people may choose as a password."""
    return Choice(settings.passwords.min_length, settings.passwords.max_length)
