"""An office at work: operators who have their accounts, officials signed in at their desks."""

import atexit
import json
import shutil
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flask import Flask

from provisioner.bootstrap import Provisioner
from tests.stores import copy_office, current
from tests.web.house import TABLE, Given, make_app
from tests.web.walking import BIO, Browser, Desks
from web.area import Area
from web.identity import cookie_name

SIAK = {
    "kind": "manual",
    "label": "SIAK Terpusat",
    "settings": {
        "system": "SIAK",
        "fields": [["Nama lengkap", "{full_name}"], ["NIP", "{staff_number}"], ["Nama pengguna", "{username}"]],
        "open_session_seconds": 3600,
    },
}
WITH_SIAK = {"targets": {"akun": TABLE, "siak": SIAK}}
NEW = "kuda laut berenang pelan"


@dataclass(frozen=True)
class Operator:
    """Somebody with an account. ``password`` is the initial one from the opened envelope; empty: still sealed."""

    account_id: str
    request_id: str
    username: str
    password: str
    ticket: str


class KnownDesks(Desks):
    """The officials, who know each request without asking for its code: tries with codes are limited."""

    def __init__(self, core: Provisioner) -> None:
        super().__init__(core)
        self.requests: dict[str, str] = {}

    def request_of(self, browser: Browser) -> str:
        return self.requests[browser.ticket]

    def elsewhere(self, core: Provisioner) -> "KnownDesks":
        """The same people over a copy of the office."""
        copy = KnownDesks(core)
        copy.requests, copy._people = dict(self.requests), dict(self._people)
        return copy


@cache
def _walked(_store_kind: str, settings: str, way: str, *arguments: bool) -> "Walked":
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return AtWork(Given(folder, settings=json.loads(settings))).walked(way, *arguments)


@dataclass(frozen=True)
class Walked:
    """An office in which one operator went through the SOP; tests copy its folder."""

    folder: Path
    operator: Operator
    desks: KnownDesks


class AtWork:
    """Everything happens through the core, as fast as it goes; pages are looked at with :meth:`at_desk`.

    The office opens when it is first looked at. Where a test first asks for an operator, it opens on a copy
    of an office where that was walked before.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._desks: KnownDesks | None = None
        self._number = 0

    @cached_property
    def app(self) -> Flask:
        """The web front."""
        return make_app(self._given)

    @property
    def core(self) -> Provisioner:
        """What stands behind it."""
        core: Provisioner = self.app.extensions["provisioner"]
        return core

    @property
    def desks(self) -> "KnownDesks":
        """The officials."""
        if self._desks is None:
            self._desks = KnownDesks(self.core)
        return self._desks

    def close(self) -> None:
        """Give back connections."""
        if "app" in self.__dict__:
            self.core.close()

    def operator(self, opened: bool = True, drained: bool = True, **bio: str) -> Operator:
        """Take somebody through the SOP."""
        return self._first("operator", opened, drained) if self._is_new(bio) else self._walk(opened, drained, bio)

    def active(self, **bio: str) -> Operator:
        """Somebody who has changed the initial password to ``NEW``."""
        return self._first("active") if self._is_new(bio) else self._change(self._walk(True, True, bio))

    def _is_new(self, bio: dict[str, str]) -> bool:
        return not bio and "app" not in self.__dict__

    def _first(self, way: str, *arguments: bool) -> Operator:
        before = _walked(current().kind, json.dumps(self._given.settings), way, *arguments)
        copy_office(before.folder, self._given.folder)
        self._number, self._desks = 1, before.desks.elsewhere(self.core)
        return before.operator

    def walked(self, way: str, *arguments: bool) -> "Walked":
        """This office, closed, after its first operator has come."""
        _ = self.app
        one: Operator = getattr(self, way)(*arguments)
        self.close()
        return Walked(self._given.folder, one, self.desks)

    def _walk(self, opened: bool, drained: bool, bio: dict[str, str]) -> Operator:
        browser, request_id = self._applied(bio)
        pact_id = self.desks.to_pact(browser)
        self.core.signatures.sign_as_applicant(request_id, browser.ticket)
        self.desks.countersign(pact_id)
        if drained:
            self.core.heart.drain()
        account = self.core.accounts.search(self.desks.official("it"), text=bio["full_name"]).rows[-1]
        password = self._opened(browser) if opened and drained else ""
        return Operator(account.id, request_id, account.username, password, browser.ticket)

    def _change(self, one: Operator) -> Operator:
        token, _ = self.core.operators.sign_in(one.username, one.password)
        here = self.core.operators.session(token)
        assert here is not None
        self.core.operators.change_password(here, one.password, NEW)
        self.core.heart.drain()
        return one

    def at_desk(self, post: str) -> Browser:
        """The browser of the official who holds ``post``, signed in."""
        actor = self.desks.official(post)
        with self.core.context.store.begin() as session:
            token, _ = self.core.sessions.start(session, "official", actor.official_id)
        return self._browser(Area.OFFICE, token)

    def signed_in(self, operator: Operator, password: str = "") -> Browser:
        """The operator's own browser."""
        token, _ = self.core.operators.sign_in(operator.username, password or operator.password)
        return self._browser(Area.OPERATOR, token)

    def _browser(self, area: Area, token: str) -> Browser:
        browser = Browser(self.app)
        with self.app.app_context():
            browser.client.set_cookie(cookie_name(area), token)
        return browser

    def _applied(self, bio: dict[str, str]) -> tuple[Browser, str]:
        self._number += 1
        bio.setdefault("full_name", f"Dewi Lestari {'abcdefghijklmnopqrstuvwxyz'[self._number].upper()}mbar")
        bio.setdefault("nik", f"35760147089{self._number:05d}"[:16])
        begun = self.core.drafting.begin(address="127.0.0.1")
        browser = Browser(self.app)
        browser.ticket = begun.ticket
        self.desks.requests[begun.ticket] = begun.request_id
        own = self.core.tracking.own(begun.request_id)
        letter = {"number": f"800/{self._number}", "letter_date": "2026-01-05", "sender": "Kecamatan Magersari"}
        self.core.drafting.save_letter(begun.request_id, own.letter_revision, letter)
        fields: dict[str, Any] = {**BIO, **bio}
        self.core.drafting.save_bio(begun.request_id, own.revision, fields)
        self.core.drafting.submit(begun.request_id)
        return browser, begun.request_id

    def _opened(self, browser: Browser) -> str:
        with self.core.context.store.begin() as session:
            _, here = self.core.sessions.start(session, "applicant", self.desks.request_of(browser))
        slips = self.core.handover.open(browser.ticket, here).slips
        return next(slip.password for slip in slips if not slip.change_at)
