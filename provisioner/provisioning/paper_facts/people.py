"""People on papers: signatories and applicants, in plain values."""

from provisioner.documents.words import long_date
from provisioner.pact import PactOfficial
from provisioner.provisioning.bio_text import BioText
from provisioner.provisioning.paper_facts.wording import Wording
from provisioner.store.tables import RequestRow


def signatory(official: PactOfficial) -> dict[str, object]:
    """What a signature block says. ``acting`` and ``own`` are the heading of a Plt. or Plh., ``post`` of anybody."""
    acting = official.acting
    return {
        "name": official.name,
        "post": official.position,
        "acting": acting.kind.value if acting else "",
        "own": acting.own_position if acting else "",
        "rank": official.rank,
        "staff_number": official.staff_number,
        "order": f"Surat perintah {acting.order_number}, {long_date(acting.order_date)}" if acting else "",
    }


def applicant(request: RequestRow, bio: BioText, words: Wording) -> dict[str, str]:
    """Who asks for access, without the NIK."""
    return {
        "name": request.display_name,
        "staff_number": bio.staff_number,
        "staff_number_label": words.staff_number_label(bio["employment_status"]),
        "rank": bio["rank"],
        "position": bio["position"],
        "unit": request.org_unit,
        "role": words.role(request.role),
        "region": words.region(request.region),
    }
