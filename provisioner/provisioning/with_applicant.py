"""Whether a request, or its letter, is the applicant's to change now."""

from provisioner.errors import WrongState
from provisioner.letter import LetterState
from provisioner.request import OPEN, RequestState
from provisioner.store.tables import RequestRow


def refuse_unless_with_applicant(request: RequestRow) -> None:
    """:raises WrongState: ``not-with-applicant``: it lies on a desk of the office, or is over."""
    if request.state not in (RequestState.BIO_FORM, RequestState.RETURNED):
        refuse_unless_letter_with_applicant(request)


def refuse_unless_letter_with_applicant(request: RequestRow) -> None:
    """The letter is everybody's who is named on it: once it was disposed of, nobody of them rewrites it.

    :raises WrongState: ``not-with-applicant``.
    """
    letter_here = request.letter.state in (LetterState.DRAFT, LetterState.RETURNED)
    if request.state != RequestState.WITH_LETTER or not letter_here:
        raise WrongState("not-with-applicant", state=request.state, letter=request.letter.state)


def refuse_over(request: RequestRow) -> None:
    """:raises WrongState: the request is done, rejected or withdrawn: its applicant sends nothing any more."""
    if request.state not in OPEN:
        raise WrongState("request-wrong-state", state=request.state)
