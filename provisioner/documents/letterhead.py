"""What every paper says about the office: the data of the templates' ``kop``."""

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
    }
