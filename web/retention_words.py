"""Masa simpan and pemusnahan arsip in words."""

from flask_babel import LazyString

from provisioner.retention import DestructionState, Hold, Outcome
from web.catalog import later

HOLDS: dict[Hold, LazyString] = {
    Hold.STILL_THERE: later("akunnya belum pasti terhapus di semua sistem"),
    Hold.FINDING: later("ada temuan kesesuaian tentang akunnya"),
    Hold.ALARM: later("ada peringatan amplop yang belum diperiksa"),
    Hold.WORK: later("ada kartu tugas atau permintaan bantuan yang belum selesai"),
    Hold.PROPOSED: later("sudah diusulkan"),
}
STATES: dict[DestructionState, tuple[LazyString, str]] = {
    DestructionState.PROPOSED: (later("menunggu persetujuan"), "now"),
    DestructionState.WITHDRAWN: (later("ditarik"), "idle"),
    DestructionState.APPROVED: (later("sedang dimusnahkan"), "late"),
    DestructionState.DONE: (later("selesai"), "ok"),
}
OUTCOMES: dict[Outcome, tuple[LazyString, str]] = {
    Outcome.WAITING: (later("belum"), "idle"),
    Outcome.DESTROYED: (later("dimusnahkan"), "ok"),
    Outcome.LEFT_OUT: (later("tidak jadi"), "late"),
}
