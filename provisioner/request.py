"""One applicant's request as a state machine: steps 4 to 6 of the SOP act on it. Pure."""

from enum import StrEnum

from provisioner.errors import WrongState


class RequestState(StrEnum):
    """Where a request stands."""

    WITH_LETTER = "with-letter"
    """Steps 1 to 3: it goes where its letter goes."""
    BIO_FORM = "bio-form"
    """The letter is disposed of, but the applicant has not filled the bio form yet."""
    REVIEW = "review"
    """On the section head's desk."""
    RETURNED = "returned"
    PACT_APPLICANT = "pact-applicant"
    """The pact is made; the applicant signs first."""
    PACT_OFFICIAL = "pact-official"
    """The applicant signed; the section head signs."""
    CREATION = "creation"
    """Step 5: user name and password are being made."""
    HANDOVER = "handover"
    """Step 6: the envelope waits to be opened."""
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    """The account was revoked before the applicant had it."""


class RequestAct(StrEnum):
    """What can be done to a request."""

    ARRIVE = "arrive"
    """Its letter was disposed of to the section head."""
    ARRIVE_EMPTY = "arrive-empty"
    """The same, with no bio form yet."""
    FILL = "fill"
    RETURN = "return"
    RESUBMIT = "resubmit"
    RESTART = "restart"
    """Resubmitted with another person, role or region: it starts again at the head."""
    REJECT = "reject"
    APPROVE = "approve"
    SIGN_AS_APPLICANT = "sign-as-applicant"
    SIGN = "sign"
    VOID_PACT = "void-pact"
    """The unfinished pact became void: a new ticket, or something changed."""
    CREATED = "created"
    RECEIVE = "receive"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    CALL_BACK = "call-back"
    """The letter's last disposition was undone."""
    CLOSE = "close"
    """Its letter was rejected."""
    UNDO_RETURN = "undo-return"
    UNDO_REJECT = "undo-reject"
    UNDO_APPROVE = "undo-approve"
    REOPEN = "reopen"
    """Its letter's rejection was undone."""


_S, _A = RequestState, RequestAct

TRANSITIONS: dict[tuple[RequestState, RequestAct], RequestState] = {
    (_S.WITH_LETTER, _A.ARRIVE): _S.REVIEW,
    (_S.WITH_LETTER, _A.ARRIVE_EMPTY): _S.BIO_FORM,
    (_S.WITH_LETTER, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.WITH_LETTER, _A.CLOSE): _S.REJECTED,
    (_S.BIO_FORM, _A.FILL): _S.REVIEW,
    # The late bio form names somebody who disposed of the letter: nobody decides on their own request.
    (_S.BIO_FORM, _A.RESTART): _S.WITH_LETTER,
    (_S.BIO_FORM, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.BIO_FORM, _A.CALL_BACK): _S.WITH_LETTER,
    (_S.REVIEW, _A.RETURN): _S.RETURNED,
    (_S.REVIEW, _A.REJECT): _S.REJECTED,
    (_S.REVIEW, _A.APPROVE): _S.PACT_APPLICANT,
    (_S.REVIEW, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.REVIEW, _A.CALL_BACK): _S.WITH_LETTER,
    (_S.RETURNED, _A.RESUBMIT): _S.REVIEW,
    (_S.RETURNED, _A.RESTART): _S.WITH_LETTER,
    (_S.RETURNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _A.UNDO_RETURN): _S.REVIEW,
    (_S.PACT_APPLICANT, _A.SIGN_AS_APPLICANT): _S.PACT_OFFICIAL,
    (_S.PACT_APPLICANT, _A.VOID_PACT): _S.REVIEW,
    (_S.PACT_APPLICANT, _A.UNDO_APPROVE): _S.REVIEW,
    (_S.PACT_APPLICANT, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.PACT_OFFICIAL, _A.SIGN): _S.CREATION,
    (_S.PACT_OFFICIAL, _A.VOID_PACT): _S.REVIEW,
    (_S.PACT_OFFICIAL, _A.REJECT): _S.REJECTED,
    (_S.PACT_OFFICIAL, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.CREATION, _A.CREATED): _S.HANDOVER,
    (_S.CREATION, _A.REVOKE): _S.REVOKED,
    (_S.HANDOVER, _A.REVOKE): _S.REVOKED,
    (_S.HANDOVER, _A.RECEIVE): _S.DONE,
    (_S.REJECTED, _A.UNDO_REJECT): _S.REVIEW,
    (_S.REJECTED, _A.REOPEN): _S.WITH_LETTER,
}

OPEN = frozenset(_S) - {_S.DONE, _S.REJECTED, _S.WITHDRAWN, _S.REVOKED}
WITH_APPLICANT = frozenset({_S.BIO_FORM, _S.RETURNED, _S.PACT_APPLICANT, _S.HANDOVER})
"""Where the applicant must act; the clock of the SOP's standard stops."""
TAKES_PART = frozenset(_S) - {_S.WITHDRAWN}
"""Who is still counted among the applicants of a letter; who withdrew is only named."""
PACT_OPEN = frozenset({_S.PACT_APPLICANT, _S.PACT_OFFICIAL})


def after(state: RequestState, act: RequestAct) -> RequestState:
    """The state that follows.

    :raises WrongState: the act is not possible now; ``data`` carries ``state`` and ``act``.
    """
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise WrongState("request-wrong-state", state=state.value, act=act.value) from None
