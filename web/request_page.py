"""The page of one request, put together from what the core says of it."""

from dataclasses import replace
from datetime import date
from functools import partial
from urllib.parse import quote

from flask import render_template, url_for

from provisioner.account import AccountState
from provisioner.errors import InvalidInput
from provisioner.paper import PaperKind
from provisioner.phone import Phone
from provisioner.procedure import Act
from provisioner.provisioning import access
from provisioner.provisioning.concerns import Concern
from provisioner.provisioning.desk_views import RequestView
from provisioner.provisioning.enrolment import ASKERS, EnrolmentLine
from provisioner.provisioning.pacts import Approval
from provisioner.provisioning.username_offer import Offer
from provisioner.request import OPEN, RequestState
from web.account_words import envelope_text, settled, system_lines
from web.act_sentences import history, sentence_of
from web.bio_parts import summary
from web.catalog import current_language, gettext
from web.current import core, office, procedure, settings
from web.errors import field_text
from web.forms import Form
from web.identity import actor
from web.labels import kept_post, post_text
from web.pages.draft import PAPER_KINDS
from web.paper_lines import PaperLine, paper_lines
from web.sop_line import SopStep, shown
from web.system_words import CheckLine, broken_text, check_lines
from web.ticket_words import replaced_message


def request_page(request_id: str, form: Form | None = None, offer: Offer | None = None, nik: str = "") -> str:
    view = core().reading.request(actor(), request_id)
    typed = dict(view.bio.typed)
    if nik:
        typed["nik"] = nik
    undoable = next((act for act in view.acts if act.can_undo and not act.on_letter), None)
    return render_template(
        "requests/show.html",
        view=view,
        line=view.line,
        me=actor(),
        steps=_steps(view),
        bio=summary(typed, office(), current_language()),
        warnings={name: [field_text(code) for code in codes] for name, codes in view.bio.warnings.items()},
        nik_masked=not nik and bool(typed.get("nik")) and actor().holds(*access.NIK),
        past=history(view.acts),
        undoable=undoable,
        undoable_text=sentence_of(undoable) if undoable else "",
        form=form if form is not None and not nik else _approval_form(view),
        offer=offer,
        problems=_problems(offer) if offer else [],
        enrolment=_enrolment(view),
        may_ask_code=_may_ask_code(view),
        whatsapp=_whatsapp(view),
        tell_replaced=replaced_message(view.phone_to_tell, view.ticket),
        paper_kinds=PAPER_KINDS,
        documents=_documents(view),
        must_act=_must_act(view),
        concerns=_concerns(view),
        sees_accounts=actor().holds("it", "adb", "section_head"),
        works_queue=actor().holds("it", "adb"),
        reads_pact=actor().holds(*access.BIO),
        place=core().boxes.place_of(actor(), request_id),
        reads_cases=actor().holds(*access.CASE_FILES),
        files_cases=actor().holds(*access.FILERS),
        **progress_of(view),
    )


def _approval_form(view: RequestView) -> Form:
    name = core().usernames.suggest(view.line.id) if "approve" in view.actions else view.username
    until = view.valid_until.isoformat() if view.valid_until else ""
    return Form.empty(username=name, answer=view.answer, valid_until=until)


def approval_of(form: Form) -> Approval:
    return Approval(
        username=form.value("username"),
        check_code=form.value("check_code"),
        person_confirmed=bool(form.value("person_confirmed")),
        answer=form.value("answer"),
        valid_until=_day(form.value("valid_until")),
    )


def _day(text: str) -> date | None:
    """:raises InvalidInput: not a day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(fields={"valid_until": ["date-malformed"]}) from None


def _steps(view: RequestView) -> list[SopStep]:
    """The line, with who did step 5: the system by the section head's decision, or somebody by a button."""
    create, review = procedure().steps_of(Act.CREATE)[0], procedure().steps_of(Act.REVIEW)[0]
    line = shown(view.steps, office(), current_language())
    by_hand = [act.actor for act in view.acts if act.kind == "create" and not act.undone]
    if by_hand:
        by = kept_post(by_hand[-1])
    elif settings().procedure.step_5 == "system":
        by = gettext("sistem, atas keputusan %(post)s", post=post_text(review.actor))
    else:
        return line
    return [replace(step, by=by) if step.number == create.number else step for step in line]


def _problems(offer: Offer) -> list[str]:
    return [field_text(code) for code in offer.problems]


def progress_of(view: RequestView) -> dict[str, object]:
    """What the live part shows: every system, the envelope, and whether it still moves."""
    if view.account_id is None:
        return {"systems": [], "slips": [], "at_rest": True}
    links = core().accounts.progress(view.account_id)
    slips = [(each, *envelope_text(each)) for each in core().handover.status(view.account_id).slips]
    moving = view.line.state == RequestState.CREATION or not settled(links)
    return {"systems": system_lines(links, AccountState.ACTIVE), "slips": slips, "at_rest": not moving}


def _documents(view: RequestView) -> list[PaperLine]:
    letter, request = view.line.letter_id, view.line.id
    asked = [
        (PaperKind.REQUEST_LETTER, letter),
        (PaperKind.DISPOSITION_SHEET, letter),
        (PaperKind.BIO_FORM, request),
        (PaperKind.ANSWER, request),
        (PaperKind.HANDOVER_RECEIPT, request),
    ]
    if view.account_id is not None:
        asked.append((PaperKind.REVOCATION_REPORT, view.account_id))
    return paper_lines(core().papers.offered(actor(), *asked), partial(url_for, "papers.show"))


def _must_act(view: RequestView) -> str:
    """What the applicant is to do now, in words; empty when it is not their turn."""
    if view.line.desk != "applicant":
        return ""
    return {
        RequestState.WITH_LETTER: gettext("Pemohon memperbaiki suratnya."),
        RequestState.BIO_FORM: gettext("Pemohon mengisi Form Isian Bio Data Operator."),
        RequestState.RETURNED: gettext("Pemohon memperbaiki permohonannya."),
        RequestState.PACT_APPLICANT: gettext("Pemohon menandatangani pakta dengan kode pengambilannya."),
        RequestState.HANDOVER: gettext("Pemohon membuka amplop dengan kode pengambilannya."),
    }.get(RequestState(view.line.state), "")


def _concerns(view: RequestView) -> list[tuple[Concern, list[CheckLine], list[str]]]:
    """What is known to stand in the way at the systems, for the desk that approves."""
    if "approve" not in view.actions:
        return []
    return [
        (each, check_lines(each.findings), [broken_text(rule) for rule in each.refused])
        for each in core().concerns.all()
    ]


def _whatsapp(view: RequestView) -> str:
    """An address that opens WhatsApp with a text that holds no code and no personal data; empty for a fixed line."""
    number = Phone(view.phone).whatsapp if view.phone else None
    if number is None:
        return ""
    text = gettext(
        "Dari %(office)s: permohonan akun operator SIAK Anda menunggu tindakan Anda. Buka %(address)s/lacak dengan "
        "kode lacak Anda, atau datang ke kantor. Petugas tidak pernah meminta kode pengambilan Anda.",
        office=office().short_name,
        address=settings().web.address,
    )
    return f"https://wa.me/{number}?text={quote(text)}"


def _enrolment(view: RequestView) -> EnrolmentLine | None:
    if not actor().holds(*ASKERS):
        return None
    return next((line for line in core().enrolment.waiting(actor()) if line.request_id == view.line.id), None)


def _may_ask_code(view: RequestView) -> bool:
    return (
        actor().holds(*ASKERS)
        and view.letter.state != "draft"
        and view.line.state in (*OPEN, RequestState.DONE)
        and (view.has_ticket or view.letter.channel == "counter")
    )
