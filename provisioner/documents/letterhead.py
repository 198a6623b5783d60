"""What every paper says about the office: the data of the templates' ``kop``, and its own words."""

from provisioner.documents.renderer import Renderer
from provisioner.office import Office


def letterhead(office: Office, renderer: Renderer) -> dict[str, object]:
    """Empty texts are left out on the paper; so are the arms, where the letters' folder has no ``lambang.svg``."""
    contact = " · ".join(part for part in (office.phone, office.site) if part)
    return {
        "name": office.name,
        "lines": list(office.letterhead),
        "address": office.address,
        "contact": contact,
        "crest": renderer.crest(),
        "place": office.city,
    }


def letter_words(office: Office) -> dict[str, object]:
    """What the office itself says in its letters, and how it calls those whom they name."""
    words = office.letters
    return {
        "on_behalf_of": list(words.on_behalf_of),
        "copy_to": list(words.copy_to),
        "approved": words.approved,
        "rejected": words.rejected,
        "closing": words.closing,
        "revocation_basis": words.revocation_basis,
        "head": office.post("head").title,
    }
