"""Cases whose retention is over, for tests of their destruction."""

from tests.office import Applicant, RealOffice, own_password

BASIS = "Persetujuan Kepala Lembaga Kearsipan Daerah 045/12, 3 Mei 2036"
YEARS = 10
"""As the shipped ``office.toml`` says."""


def over(office: RealOffice, number: int = 0, **bio: str) -> Applicant:
    """A person whose account was revoked, and is gone from every system."""
    return ended(office, office.new("done", number, **bio))


def ended(office: RealOffice, who: Applicant) -> Applicant:
    """Revoke the account and let the quarantine end."""
    office.core.accounts.revoke(office.actor("it"), office.request(who).account_id or "", "transfer")
    office.core.heart.drain()
    office.clock.move(days=office.settings.runner.quarantine_days)
    office.core.heart.drain()
    return who


def years_later(office: RealOffice, years: int = YEARS) -> None:
    """Let the years go by, and one day more."""
    office.clock.move(days=366 * years + 1)


def proposed(office: RealOffice, *people: Applicant) -> str:
    """The secretary proposes their cases; gives the proposal's id."""
    return office.core.destructions.propose(office.actor("secretary"), [who.request_id for who in people], BASIS)


def approved(office: RealOffice, *people: Applicant) -> str:
    """The same, and the head approves it. Nothing is carried out yet."""
    destruction_id = proposed(office, *people)
    approve(office, destruction_id)
    return destruction_id


def approve(office: RealOffice, destruction_id: str) -> None:
    """The head approves the list as it stands."""
    head = office.actor("head")
    seen = office.core.destructions.view(head, destruction_id).fingerprint
    office.core.destructions.approve(head, destruction_id, seen, own_password("head"))
