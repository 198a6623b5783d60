"""What is said of pacts: why one is to be signed anew, and how it was signed."""

from flask_babel import LazyString

from provisioner.pact_due import DueReason
from web.catalog import later

DUE: dict[str, LazyString] = {
    DueReason.NOT_RENEWED.value: later("Pakta revisi baru belum ditandatangani"),
    DueReason.LAPSED.value: later("Masa berlaku pakta habis"),
}
"""Why a pact is to be signed anew, or why an account was suspended for it."""
