"""What a check found, in words. The finding's own sentence is English and for IT; it stands beside these."""

from flask_babel import LazyString

from provisioner.checking import Checked
from provisioner.connector import Severity
from web.catalog import gettext, later
from web.current import settings
from web.states import State

SEVERITY: dict[Severity, State] = {
    Severity.OK: State(later("baik"), "ok"),
    Severity.WARNING: State(later("perlu perhatian"), "late"),
    Severity.ERROR: State(later("salah"), "bad"),
}

PLACES: dict[str, LazyString] = {
    "office": later("Kantor"),
    "keys": later("Kunci"),
    "store": later("Basis data aplikasi"),
    "letters": later("Surat"),
    "signing": later("Tanda tangan elektronik"),
    "targets": later("Sistem"),
}

SUBJECTS: dict[str, LazyString] = {
    "files": later("Berkas kantor"),
    "officials": later("Pejabat untuk setiap meja"),
    "readable": later("Kunci terbaca"),
    "in-use": later("Kunci yang dipakai"),
    "second-copy": later("Salinan kedua kunci"),
    "schema": later("Susunan basis data"),
    "pact": later("Teks pakta"),
    "authority": later("Sertifikat penerbit"),
    "sign-in": later("Tempat operator masuk"),
    "configured": later("Sistem yang diatur"),
    "reachable": later("Dapat dihubungi"),
    "certificate": later("Sertifikat"),
    "rights": later("Hak aplikasi"),
    "clock": later("Jam"),
    "policy": later("Aturan kata sandi"),
}


def place_text(checked: Checked) -> str:
    """Where it was found: a part of the application, or a system by its label."""
    if checked.where in settings().targets:
        return settings().targets[checked.where].label
    return str(PLACES.get(checked.where, checked.where))


def subject_text(checked: Checked) -> str:
    """What was looked at."""
    return str(SUBJECTS.get(checked.finding.subject) or gettext("Lainnya (%(what)s)", what=checked.finding.subject))
