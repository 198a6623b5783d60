"""Made-up data for every letter, of the shape the program gives them: what a trial renders. Nobody in it exists."""

from collections.abc import Mapping, Sequence

Sample = Mapping[str, object]

_QR = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'
_OFFICE = {
    "name": "Dinas Contoh",
    "lines": ["PEMERINTAH KOTA CONTOH", "DINAS CONTOH"],
    "address": "Jalan Contoh 1",
    "contact": "(0000) 000000",
    "crest": "",
    "place": "Contoh",
}
_WORDS = {
    "on_behalf_of": ["Kepala Dinas Contoh", "Kepala Bidang Contoh"],
    "copy_to": ["Kepala Dinas Contoh"],
    "approved": "Kalimat bila disetujui.",
    "rejected": "Kalimat bila ditolak.",
    "closing": "Kalimat penutup.",
    "revocation_basis": "Dasar contoh",
    "head": "Kepala Dinas Contoh",
}
_PERSON = {
    "name": "Nama Contoh, S.Kom.",
    "staff_number": "19900512 201503 2 004",
    "staff_number_label": "NIP",
    "rank": "Penata Muda (III/a)",
    "position": "Pengadministrasi",
    "unit": "Kelurahan Contoh",
    "role": "Operator",
    "region": "Kelurahan Contoh",
}
_NAMELESS = {**dict.fromkeys(_PERSON, ""), "staff_number_label": "NIP"}
_HOLDER = {
    "name": "Drs. Contoh, M.M.",
    "post": "Kepala Seksi",
    "acting": "",
    "own": "",
    "rank": "Pembina (IV/a)",
    "staff_number": "19700101 199503 1 002",
    "order": "",
}
_ACTING = {**_HOLDER, "acting": "Plh.", "own": "Analis Contoh", "order": "Surat perintah 1/2026, 2 Januari 2026"}
_MOMENT, _DAY = "5 Januari 2026, 09.00 WIB", "5 Januari 2026"
_NUMBERED = {"number": "001/SIAK/I/2026", "day": "2026-01-05", "date": _DAY}


def _paper(*papers: Sample) -> Sequence[Sample]:
    shared = {
        "office": _OFFICE,
        "words": _WORDS,
        "qr": _QR,
        "verify_at": "siak.example.go.id/v/aaaaaaaaaaaaaaaa",
        "code": "aaaaaaaaaaaaaaaa",
    }
    return [{**shared, "paper": paper} for paper in papers]


def _pacts(*pacts: Sample) -> Sequence[Sample]:
    shared = {"office": _OFFICE, "text": _TEXT, "qr": _QR, "verification_site": "siak.example.go.id/v"}
    return [{**shared, "pact": pact} for pact in pacts]


_REQUEST_LETTER = {
    "number": "800/1",
    "date": _DAY,
    "sender": "Kelurahan Contoh",
    "subject": "Permohonan",
    "urgency": "Biasa",
    "attachments": 2,
    "copy": False,
    "received": _DAY,
    "applicants": [_PERSON],
}
_DISPOSITION = {
    "by": _HOLDER, "kind": "forward", "to": "Kepala Bidang", "action": "Proses lebih lanjut", "note": "Catatan.",
    "at": _MOMENT,
}  # fmt: skip
_SHEET = {
    "sender": "Kelurahan Contoh",
    "number": "800/1",
    "date": _DAY,
    "received": _DAY,
    "register_number": "",
    "urgency": "Biasa",
    "urgencies": ["Biasa", "Segera", "Rahasia"],
    "subject": "",
    "applicants": ["Nama Contoh"],
    "actions": ["Proses lebih lanjut", "Tanggapan dan saran"],
    "dispositions": [],
    "open": [{"by": "Kepala Dinas", "to": "Kepala Bidang"}],
}
_BIO = {
    "request_number": "0001/PSIAK/I/2026",
    "letter_number": "800/1",
    "title_prefix": "",
    "full_name": "Nama Contoh",
    "title_suffix": "S.Kom.",
    "display_name": "Nama Contoh, S.Kom.",
    "nik": "3576 0000 0000 0001",
    "employment": "PNS",
    "staff_number": "19900512 201503 2 004",
    "staff_number_label": "NIP",
    "rank": "",
    "birth_place": "Contoh",
    "birth_date": _DAY,
    "sex": "Perempuan",
    "position": "Pengadministrasi",
    "org_unit": "Kelurahan Contoh",
    "org_unit_region": "",
    "address": "Jalan Contoh 1",
    "phone": "0812-0000-0000",
    "mail": "",
    "education": "",
    "assignment_order": "800/2",
    "assignment_order_date": _DAY,
    "role": "Operator",
    "region": "Kelurahan Contoh",
    "reason": "Pelayanan",
    "supervisor": "Atasan Contoh",
    "valid_until": "",
    "replaces_username": "",
    "originals": {},
}
_ANSWER = {
    **_NUMBERED,
    "approved": True,
    "decided": _DAY,
    "subject": "Jawaban",
    "addressee": "Kelurahan Contoh",
    "letter_number": "800/1",
    "letter_date": _DAY,
    "letter_subject": "Permohonan",
    "urgency": "Biasa",
    "request_number": "0001/PSIAK/I/2026",
    "applicant": _PERSON,
    "valid_until": _DAY,
    "note": "Catatan.",
    "post": "section_head",
    "signatory": _HOLDER,
}
_HANDOVER = {
    **_NUMBERED,
    "request_number": "0001/PSIAK/I/2026",
    "letter_number": "800/1",
    "pact_number": "0001/PI-SIAK/I/2026",
    "applicant": _PERSON,
    "valid_until": "",
    "openings": [
        {"at": _MOMENT, "username": "nama.contoh", "systems": ["SIAK", "Basis data"], "check_code": "AAAA-BBBB"},
        {"at": _MOMENT, "username": "", "systems": [], "check_code": ""},
    ],
    "person_confirmed": _MOMENT,
    "signatory": _ACTING,
}
_REVOCATION = {
    **_NUMBERED,
    "weekday": "Senin",
    "revoked_on": _DAY,
    "revoked_at": _MOMENT,
    "username": "nama.contoh",
    "applicant": _PERSON,
    "request_number": "0001/PSIAK/I/2026",
    "pact_number": "0001/PI-SIAK/I/2026",
    "reason": "Mutasi",
    "legal": False,
    "note": "",
    "systems": [{"name": "SIAK", "closed": _MOMENT}, {"name": "Basis data", "closed": ""}],
    "signatory": _HOLDER,
}
_DESTROYED = {
    "number": "0001/PSIAK/I/2016",
    "letter_number": "800/1",
    "letter_date": _DAY,
    "submitted": _DAY,
    "ended": _DAY,
    "box": "A-1",
    "box_place": "Rak 1",
    "papers": [{"name": "Surat Permohonan", "number": "", "sha256": "0" * 64}],
}
_DESTRUCTION = {
    **_NUMBERED,
    "weekday": "Senin",
    "basis": "Persetujuan contoh",
    "years": 10,
    "proposed": _DAY,
    "begun": _MOMENT,
    "done": _MOMENT,
    "cases": [_DESTROYED],
    "papers": 1,
    "left_out": ["0002/PSIAK/I/2016"],
    "boxes": [{"number": "A-1", "place": "Rak 1", "count": 1}],
    "archive": {"sha256": "0" * 64, "at": _MOMENT},
    "proposer": _HOLDER,
    "approver": _ACTING,
}
_RECEIPT = {
    "request_number": "0001/PSIAK/I/2026",
    "letter_number": "800/1",
    "letter_date": _DAY,
    "applicant": "Nama Contoh",
    "unit": "Kelurahan Contoh",
    "role": "Operator",
    "region": "Kelurahan Contoh",
    "submitted_at": _MOMENT,
    "tracking_code": "AAAA-BBBB-CCCC-DDDD",
    "check_code": "AAAA-BBBB",
    "tracking_page": "siak.example.go.id/lacak",
    "audit_head": "1-00000-00000-00000-00000",
    "keyword": "tanda terima",
}
_TEXT = {
    "revision": "2026-1",
    "opening": "Saya:",
    "declaration": "menyatakan:",
    "clauses": ["Satu.", "Dua."],
    "closing": "Demikian.",
    "draft": True,
    "status": "konsep, belum disahkan",
    "fingerprint": "0000 0000 0000 0000",
}
_PACT = {
    "number": "0001/PI-SIAK/I/2026",
    "request_number": "0001/PSIAK/I/2026",
    "role": "Operator",
    "region": "Kelurahan Contoh",
    "place": "Contoh",
    "day": _DAY,
    "check_code": "AAAA-BBBB",
    "verification_url": "https://siak.example.go.id/verifikasi/1",
    "template_revision": "0000 0000 0000",
    "username": "nama.contoh",
    "valid_until": _DAY,
    "lapses_on": _DAY,
    "renews": "",
    "way": "built-in",
    "signed_with": "ticket",
    "time_proof": "none",
    "audit_head": {"sequence": "1", "hash": "0" * 64},
    "applicant": {
        "name": "Nama Contoh",
        "nik": "............0001",
        "staff_number": "",
        "staff_number_label": "NIP",
        "employment": "PNS",
        "rank": "",
        "position": "Pengadministrasi",
        "unit": "Kelurahan Contoh",
    },
    "official": {
        "name": "Drs. Contoh, M.M.",
        "rank": "Pembina (IV/a)",
        "staff_number": "19700101 199503 1 002",
        "heading": ["Plt. Kepala Seksi", "Analis Contoh"],
        "order": "Surat perintah 1/2026",
    },
}
_STAMP = {
    "width": 215.0,
    "height": 65.0,
    "name": "Drs. Contoh, M.M.",
    "capacity": "Kepala Seksi",
    "staff": "",
    "moment": _MOMENT,
    "means": "kata sandi",
    "certificate": "0000 0000 0000 0000",
}
_CASE = {
    "number": "0001/PSIAK/I/2026",
    "applicant": "Nama Contoh",
    "unit": "Kelurahan Contoh",
    "role": "Operator",
    "region": "Kelurahan Contoh",
    "letter": "800/1",
    "sender": "Kelurahan Contoh",
    "submitted_at": _MOMENT,
    "state": "selesai",
    "account": "nama.contoh",
    "box": "A-1",
    "box_place": "Rak 1",
    "papers": 1,
    "attachments": 0,
    "at": _MOMENT,
    "audit_head": "1-00000-00000-00000-00000",
    "index": [
        {
            "place": 1,
            "title": "Surat Permohonan",
            "number": "800/1",
            "date": _DAY,
            "digest": "0000",
            "note": "",
            "page": 3,
        }
    ],
    "left_out": [{"title": "Surat Jawaban", "reason": "belum ada"}],
    "pages": 3,
}
_BOX_LINE = {
    "number": "0001/PSIAK/I/2026", "applicant": "Nama Contoh", "letter_number": "800/1",
    "sender": "Kelurahan Contoh", "date": _DAY,
}  # fmt: skip
_BOX = {"number": "A-1", "place": "Rak 1", "at": _MOMENT, "lines": [_BOX_LINE]}
_BOOK = {
    "title": "Buku Agenda Surat Masuk",
    "year": "2026",
    "columns": ["No.", "Pengirim"],
    "widths": [1, 4],
    "printed_at": _MOMENT,
    "audit_head": "1-00000-00000-00000-00000",
    "pages_before": 0,
    "lines": [{"void": False, "cells": ["1", "Kelurahan Contoh"]}, {"void": True, "cells": ["2", "Kelurahan Contoh"]}],
}

_KEY_ROW = "00000-00000-00000-00000-00000-00000"
_KEY = {"label": "0a1b2c3d", "lookup": False, "newest": True, "rows": [_KEY_ROW, _KEY_ROW], "position": 2, "qr": _QR}
_KEYS = {
    "mark": "0000-0000-0000",
    "count": 2,
    "keys": [{**_KEY, "label": "lookup", "lookup": True, "newest": False, "position": 1}, _KEY],
    "at": _MOMENT,
    "day": _DAY,
    "weekday": "Senin",
    "audit_head": "1-00000-00000-00000-00000",
}

_FIRST_PASSWORD = {
    "username": "contoh",
    "name": "Nama Contoh, S.Kom.",
    "posts": ["Kepala Seksi Contoh"],
    "password": "AAAA-AAAA-AAAA-AAAA-AAAA",
    "until": _DAY,
    "made_at": _MOMENT,
    "address": "https://contoh.go.id/masuk",
}

MADE_UP: Mapping[str, Sequence[Sample]] = {
    "surat-permohonan": _paper(
        _REQUEST_LETTER,
        {**_REQUEST_LETTER, "copy": True, "attachments": 0, "subject": "", "applicants": [_PERSON, _NAMELESS]},
        {**_REQUEST_LETTER, "applicants": [_NAMELESS]},
        {**_REQUEST_LETTER, "number": "", "date": "", "sender": "", "received": ""},
    ),
    "lembar-disposisi": _paper(
        _SHEET,
        {
            **_SHEET,
            "open": [],
            "applicants": ["Nama Contoh"] * 6,
            "dispositions": [
                _DISPOSITION,
                {**_DISPOSITION, "by": _ACTING, "kind": "reject", "to": "", "action": "", "note": "Alasan."},
            ],
        },
    ),
    "form-bio-data": _paper(_BIO, {**_BIO, "originals": {"id_card": "5 Januari 2026, Sekretaris, Nama"}}),
    "surat-jawaban": _paper(_ANSWER, {**_ANSWER, "approved": False, "number": "", "signatory": _ACTING}),
    "bukti-serah-terima": _paper(_HANDOVER, {**_HANDOVER, "person_confirmed": "", "signatory": None}),
    "berita-acara-pencabutan": _paper(_REVOCATION, {**_REVOCATION, "signatory": None, "reason": ""}),
    "berita-acara-pemusnahan": _paper(
        _DESTRUCTION, {**_DESTRUCTION, "number": "", "cases": [], "left_out": [], "boxes": [], "archive": None}
    ),
    "tanda-terima": [{"office": _OFFICE, "receipt": _RECEIPT, "qr": _QR}],
    "pakta-integritas": _pacts(
        _PACT,
        {**_PACT, "way": "wet-ink", "signed_with": "ink", "valid_until": "", "lapses_on": ""},
        {**_PACT, "way": "bsre"},
        {**_PACT, "renews": "0001/PI-SIAK/I/2025", "signed_with": "account-password", "time_proof": "always"},
    ),
    "stempel": [{"stamp": _STAMP}, {"stamp": {**_STAMP, "staff": "Pembina (IV/a)", "footer": "Kalimat BSrE."}}],
    "berkas-permohonan": [{"office": _OFFICE, "case": _CASE, "qr": _QR}],
    "buku-agenda": [{"office": _OFFICE, "book": _BOOK}, {"office": _OFFICE, "book": {**_BOOK, "lines": []}}],
    "amplop-kata-sandi": [{"office": _OFFICE, "letter": _FIRST_PASSWORD}],
    "salinan-kunci": [{"office": _OFFICE, "paper": _KEYS}],
    "isi-boks": [{"office": _OFFICE, "box": _BOX}],
}
"""By template: each sample goes other ways through it."""
