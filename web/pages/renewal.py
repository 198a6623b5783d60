"""Pakta baru: an operator is asked to sign the pact anew; it can wait until its last day."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut, NotAllowed, WrongState
from provisioner.provisioning.operators import OperatorSession
from provisioner.provisioning.pact_renewals import Signing
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core
from web.errors import kind_of, sentence
from web.forms import Form
from web.identity import caller, safe_return, signed_in, somebody_here
from web.labels import words

subject = Subject("renewal", __name__, Area.OPERATOR, "/akun-saya/pakta-baru")

subject.context_processor(words)

Answer = str | Response
STAGES = ("full", "pact")


@subject.get("")
@signed_in(stage=STAGES)
def show() -> Answer:
    """What is to be signed, why, and by when."""
    return _page(Form.empty(way="ticket" if request.args.get("dengan") == "kode" else "password"))


@subject.get("/berkas")
@signed_in(stage=STAGES)
def document() -> Response:
    """The new pact as it would be signed."""
    response = make_response(core().pact_renewals.draft(_here().actor.account_id))
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "inline", filename="pakta-baru.pdf")
    return response


@subject.post("")
@signed_in(stage=STAGES)
def sign() -> Answer:
    """Sign with the account's password, or with the ticket."""
    sent = Form.sent()
    field = "kode" if sent.value("way") == "ticket" else "password"
    if not sent.value(field):
        sent.refuse(InvalidInput(fields={field: ["required"]}))
        return make_response(_page(sent), 422)
    signing = Signing(ticket=sent.value("kode")) if field == "kode" else Signing(password=sent.value("password"))
    try:
        number = core().pact_renewals.sign(_here().actor.account_id, signing, caller()["address"])
    except AuthenticationFailed:
        return make_response(
            _refused(sent, field, gettext("Kata sandi ini salah. Tidak ada yang ditandatangani.")), 422
        )
    except (InvalidInput, NotAllowed, LockedOut) as error:
        return make_response(_refused(sent, field, sentence(error)), kind_of(error).status)
    except WrongState as error:
        if error.code == "pact-not-due":
            return redirect(url_for("my_account.home"))
        return make_response(_refused(sent, field, sentence(error)), 503)
    flash(gettext("Pakta %(number)s sudah Anda tandatangani. Terima kasih.", number=number), "ok")
    return redirect(_onward())


# -- the pieces --------------------------------------------------------------------------------------------------------


def _here() -> OperatorSession:
    person = somebody_here()
    assert person is not None and isinstance(person.session, OperatorSession)  # noqa: S101  Only signed in.
    return person.session


def _onward() -> str:
    return safe_return(request.args.get("lanjut", ""), url_for("my_account.home"))


def _refused(sent: Form, field: str, text: str) -> str | Response:
    sent.values.poplist("kode")  # A code that may be nearly right does not stand in a page.
    sent.errors[field] = [text]
    return _page(sent)


def _page(form: Form) -> str | Response:
    asked = core().pact_renewals.asked(_here().actor.account_id)
    if asked is None:
        return redirect(_onward())
    return render_template("renewal/show.html", asked=asked, form=form, onward=_onward())
