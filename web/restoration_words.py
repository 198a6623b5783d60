"""What stands on the page about a restoration, in the office's words."""

from flask_babel import LazyString

from provisioner.provisioning.restorations import ComparedSystem
from web.catalog import later
from web.states import State

SERIES: dict[str, LazyString] = {
    "request": later("Nomor permohonan"),
    "register-incoming": later("Buku Agenda, surat masuk"),
    "register-outgoing": later("Buku Agenda, surat keluar"),
    "pact": later("Nomor pakta"),
}
"""Series of numbers that the service gives."""

_SAME = State(later("sesuai dengan cadangan"), "ok")
_OTHERWISE = State(later("ada yang berbeda"), "late")
_RUNNING = State(later("sedang dibaca"), "now")
_FAILED = State(later("tidak terbaca sampai selesai"), "bad")
_BY_HAND = State(later("dilihat sendiri oleh petugas"), "idle")
_NOT_YET = State(later("belum dibandingkan"), "late")


def state_of(system: ComparedSystem) -> State:
    """How far its comparison is."""
    if system.compared is not None:
        return _OTHERWISE if system.compared.found_anything else _SAME
    if system.running:
        return _RUNNING
    if not system.readable:
        return _BY_HAND
    return _FAILED if system.failed else _NOT_YET
