"""The letter that carries an official's first password: folded so that it covers itself. Nothing of it is kept."""

from dataclasses import dataclass
from datetime import datetime

from provisioner.documents.letterhead import letterhead
from provisioner.documents.renderer import Renderer
from provisioner.documents.words import long_date, long_moment
from provisioner.office import Office

TEMPLATE = "amplop-kata-sandi"


@dataclass(frozen=True)
class FirstPasswordFacts:
    """What the letter says. ``posts`` in the office's words; moments are aware."""

    username: str
    name: str
    posts: tuple[str, ...]
    password: str
    until: datetime
    made_at: datetime
    address: str
    """Where one signs in."""

    def __repr__(self) -> str:
        return f"FirstPasswordFacts({self.username})"


class FirstPasswordLetters:
    """Letters of one office. Pure; may be used by several threads."""

    def __init__(self, renderer: Renderer, office: Office) -> None:
        self._renderer = renderer
        self._office = office

    def render(self, facts: FirstPasswordFacts) -> bytes:
        """One page, printed on one side: the upper third is the outside.

        :raises ConfigurationError: the template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        letter = {
            "username": facts.username,
            "name": facts.name,
            "posts": list(facts.posts),
            "password": facts.password,
            "until": long_date(facts.until.astimezone(self._office.zone).date()),
            "made_at": long_moment(facts.made_at, self._office),
            "address": facts.address,
        }
        data = {"office": letterhead(self._office, self._renderer), "letter": letter}
        return self._renderer.render(TEMPLATE, data, facts.made_at)
