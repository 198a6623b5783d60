"""The words that the office has for its codes: what a paper says, and (the codes themselves) what it is about."""

from dataclasses import dataclass

from provisioner.office import Office, PostId, find


@dataclass(frozen=True)
class Wording:
    """Words for codes. Without an office every code stands for itself."""

    office: Office | None = None

    def role(self, code: str) -> str:
        """What the role is called."""
        found = self.office.role(code) if self.office else None
        return found.label.id if found else code

    def region(self, code: str) -> str:
        """The region with its kind: "Kelurahan Gedongan"."""
        found = self.office.regions.get(code) if self.office else None
        return found.full_title if found else code

    def urgency(self, code: str) -> str:
        """ "Sifat" of a letter."""
        # A letter of the counter for which none was chosen holds the word itself.
        known = self.office.urgencies if self.office else ()
        return next((each.label.id for each in known if code in (each.code, each.label.id.lower())), code)

    def employment(self, code: str) -> str:
        """ "Status kepegawaian"."""
        found = find(self.office.employment_statuses, code) if self.office else None
        return found.label.id if found else code

    def staff_number_label(self, code: str) -> str:
        """What the staff number of this employment status is called."""
        found = find(self.office.employment_statuses, code) if self.office else None
        return (found.staff_number_label if found else "") or "NIP"

    def reason(self, code: str) -> str:
        """Why an account was revoked."""
        found = find(self.office.revocation_reasons, code) if self.office else None
        return found.label.id if found else code

    def legal(self, code: str) -> bool:
        """Whether regulation names this reason."""
        found = find(self.office.revocation_reasons, code) if self.office else None
        return found is not None and found.legal

    def action(self, code: str) -> str:
        """ "Dengan hormat harap" of a disposition."""
        found = find(self.office.requested_actions, code) if self.office else None
        return found.label.id if found else code

    def post(self, post: str) -> str:
        """A post as the office calls it."""
        return self.office.post(post).label.id if self.office and post in set(PostId) else post


CODES = Wording()
"""Every code as itself."""
