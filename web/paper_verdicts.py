"""What a paper of the office is worth, in words: what was found, how it was changed, what is safe to do."""

from dataclasses import replace

from flask_babel import LazyString, format_decimal

from provisioner.documents.changed_parts import Change, Part
from provisioner.documents.comparison import Comparison, Difference
from provisioner.paper import PaperKind
from provisioner.provisioning.paper_says import PaperSays
from provisioner.provisioning.verification_answer import OfficeSays, Over, Standing, Verified
from provisioner.signing.verdict import VerdictCode
from web.catalog import gettext, later
from web.verdicts import Words, verdict_words

STANDINGS: dict[Standing, tuple[str, LazyString]] = {
    Standing.VALID: ("ok", later("Sah")),
    Standing.CHANGED: ("bad", later("Berubah")),
    Standing.REVOKED: ("stop", later("Dicabut")),
    Standing.UNKNOWN: ("unknown", later("Tidak dikenal")),
    Standing.SCAN: ("scan", later("Pindaian atau foto")),
    Standing.RECEIPT: ("unknown", later("Tanda terima")),
    Standing.DESTROYED: ("unknown", later("Dimusnahkan")),
}
"""Drawing, and the one word of every outcome."""

KINDS: dict[PaperKind, LazyString] = {
    PaperKind.REQUEST_LETTER: later("Surat Permohonan"),
    PaperKind.DISPOSITION_SHEET: later("Lembar Disposisi"),
    PaperKind.BIO_FORM: later("Form Isian Bio Data Operator"),
    PaperKind.ANSWER: later("Surat Jawaban"),
    PaperKind.HANDOVER_RECEIPT: later("Bukti Serah Terima Akun"),
    PaperKind.REVOCATION_REPORT: later("Berita Acara Pencabutan Hak Akses"),
    PaperKind.DESTRUCTION_RECORD: later("Berita Acara Pemusnahan Arsip"),
}
LABELS: dict[str, LazyString] = {
    "date": later("Tanggal"),
    "sender": later("Dari"),
    "subject": later("Hal"),
    "applicant": later("Pemohon"),
    "unit": later("Unit kerja"),
    "role": later("Peran"),
    "region": later("Wilayah akses"),
    "valid_until": later("Berlaku sampai"),
    "received": later("Diterima"),
    "register_number": later("Nomor agenda"),
    "urgency": later("Sifat"),
    "disposed_by": later("Disposisi oleh"),
    "disposed_to": later("Diteruskan kepada"),
    "disposed_at": later("Waktu disposisi"),
    "request_number": later("Nomor permohonan"),
    "letter_number": later("Nomor surat"),
    "pact_number": later("Pakta Integritas"),
    "addressee": later("Kepada"),
    "decision": later("Jawaban"),
    "decided": later("Dikaji"),
    "official": later("Nama pejabat"),
    "username": later("Nama pengguna"),
    "opened_at": later("Amplop dibuka"),
    "revoked_at": later("Dicabut sejak"),
}
"""Of what the public page of a paper shows."""

ON_PAPER: dict[str, LazyString] = {
    "nik": later("NIK"),
    "staff_number": later("NIP/NI PPPK"),
    "rank": later("pangkat/golongan"),
    "position": later("jabatan"),
    "birth": later("tempat dan tanggal lahir"),
    "sex": later("jenis kelamin"),
    "address": later("alamat"),
    "phone": later("nomor HP"),
    "mail": later("e-mail"),
    "education": later("pendidikan"),
    "assignment_order": later("SK/surat tugas"),
    "supervisor": later("atasan langsung"),
    "reason": later("alasan"),
    "note": later("catatan"),
    "check_code": later("kode cocok"),
    "systems": later("sistem"),
}
"""Of what stands on the paper only: its page names it and does not show it."""

DIFFERENCES: dict[Difference, LazyString] = {
    Difference.APPENDED: later(
        "Berkas kantor ada utuh di dalamnya; sesudahnya ada %(bytes)s bita yang ditambahkan. Penampil PDF "
        "mengabaikannya."
    ),
    Difference.PREPENDED: later("Berkas kantor ada utuh di dalamnya; di depannya ada %(bytes)s bita yang ditambahkan."),
    Difference.UPDATED: later(
        "Berkas kantor ada utuh di dalamnya, tetapi sesudahnya disimpan perubahan sebesar %(bytes)s bita (pembaruan "
        "bertahap). Yang tampak di layar bisa berbeda dari aslinya."
    ),
    Difference.TRUNCATED: later("Bagian akhirnya hilang: kurang %(bytes)s bita dari berkas kantor."),
    Difference.BYTES: later(
        "Panjangnya sama dengan berkas kantor, tetapi %(bytes)s bita berbeda, yang pertama bita ke-%(position)s "
        "(%(part)s)."
    ),
    Difference.WRITTEN_ANEW: later(
        "Berkas ini ditulis ulang oleh program lain (%(producer)s): %(pages)s halaman, aslinya %(our_pages)s. "
        "Halaman yang gambarnya berbeda: %(differing)s."
    ),
    Difference.BROKEN: later(
        "Berkas ini tidak terbaca lagi sebagai PDF dan berbeda dari berkas kantor sejak bita ke-%(position)s."
    ),
}
PARTS: dict[Part, LazyString] = {
    Part.PAGE_ADDED: later("halaman ditambahkan"),
    Part.PAGE_REMOVED: later("halaman dihapus"),
    Part.PAGE: later("isi halaman"),
    Part.NOTE: later("catatan atau tautan di atas halaman"),
    Part.FIELD: later("isian formulir"),
    Part.SIGNATURE: later("tanda tangan"),
    Part.PROPERTIES: later("keterangan berkas (judul, tanggal, kata kunci)"),
    Part.ATTACHMENT: later("lampiran atau skrip di dalam berkas"),
    Part.DIRECTORY: later("tabel rujukan PDF"),
    Part.OTHER: later("bagian lain"),
}

OVER: dict[Over, LazyString] = {
    Over.VOID: later("Pakta ini sudah dinyatakan tidak berlaku."),
    Over.REPLACED: later("Pakta ini sudah diganti dengan pakta %(number)s."),
    Over.ACCOUNT_ENDED: later("Akun dari pakta ini sudah dicabut atau habis masanya."),
    Over.LAPSED: later("Masa berlaku pakta ini sudah habis, dan belum ada penggantinya."),
}
"""Why a pact does not hold any more."""

_ONLY_PAST = later("Pakta ini hanya bukti masa lalu; bukan tanda bahwa pemegangnya masih punya hak akses.")
_NOT_USED = later(
    "Jangan pakai berkas ini. Minta berkas aslinya, atau cocokkan dengan keterangan kantor di bawah dan pakai naskah "
    "yang diterbitkan kantor."
)


def standing_of(verified: Verified) -> tuple[str, str]:
    """Drawing and word of the outcome."""
    kind, word = STANDINGS[verified.standing]
    warned = verified.scan is not None and (verified.scan.site or _over(verified))
    return "bad" if warned else kind, str(word)


def outcome_words(verified: Verified) -> Words:
    """The outcome in the reader's language."""
    if verified.standing is Standing.SCAN:
        return _scan(verified)
    if verified.standing is Standing.RECEIPT:
        return _receipt(verified.scan.site if verified.scan else "")
    if verified.standing is Standing.DESTROYED:
        return _destroyed(verified)
    if verified.scan is not None:
        return Words(
            "bad",
            gettext("Kode QR-nya tidak dikenal"),
            gettext("Kode QR pada berkas ini tidak menunjuk naskah mana pun di kantor ini."),
            gettext("Jangan dipakai. Tanyakan kepada kantor dengan menunjukkan kertasnya."),
        )
    if verified.paper is not None:
        return _paper(verified, verified.paper)
    words = verdict_words(verified.verdict)
    if verified.comparison is not None and verified.verdict.code is VerdictCode.CHANGED:
        return replace(words, found=f"{words.found} {comparison_words(verified.comparison)}")
    if verified.standing is Standing.REVOKED and verified.verdict.genuine and verified.office is not None:
        return _pact_over(verified.office)
    return words


def pact_over(office: OfficeSays) -> str:
    """Why a pact does not hold any more; empty while it does."""
    return str(OVER[office.over]) % {"number": office.replaced_by} if office.over else ""


def comparison_words(comparison: Comparison) -> str:
    """How a file differs from the office's."""
    data = comparison.data
    differing = data.get("differing")
    part = data.get("part")
    places: dict[str, object] = {
        "producer": data.get("producer") or gettext("tidak disebut"),
        "differing": _numbers(differing) if isinstance(differing, list) else "",
        "part": PARTS[Part(str(part))] if part else "",
    }
    for name in ("bytes", "position", "pages", "our_pages"):
        value = data.get(name)
        places[name] = format_decimal(value) if isinstance(value, int) else ""
    return str(DIFFERENCES[comparison.how]) % places


def change_words(change: Change) -> str:
    """One part that was changed."""
    words = str(PARTS[change.part])
    if change.name:
        words = f"{words} “{change.name}”"
    if change.page:
        return gettext("%(part)s, halaman %(page)s", part=words, page=change.page)
    return words


def on_paper_only(paper: PaperSays) -> str:
    """What the page does not show of the paper; empty where it shows nothing anyway."""
    names = ", ".join(str(ON_PAPER[each]) for each in paper.on_paper_only)
    return gettext("%(names)s: tercetak di kertas, tidak ditampilkan di sini", names=names) if names else ""


def paper_name(paper: PaperSays) -> str:
    """What it is called."""
    return " ".join(filter(None, (str(KINDS[paper.kind]), paper.number)))


def _paper(verified: Verified, paper: PaperSays) -> Words:
    if verified.comparison is not None or not paper.sha256:
        return _changed(verified, paper)
    if paper.replaced:
        return Words(
            "bad",
            gettext("Asli, tetapi sudah diganti"),
            gettext(
                "Berkas ini sama persis dengan yang dibuat kantor, tetapi sesudahnya kantor membuat lembar yang baru."
            ),
            gettext("Jangan pakai lembar ini lagi. Minta lembar yang terbaru kepada kantor."),
        )
    if paper.over:
        return Words(
            "bad",
            gettext("Asli, tetapi akunnya sudah tidak berlaku"),
            gettext(
                "Berkas ini sama persis dengan yang dibuat kantor, tetapi akun yang disebutnya sudah dicabut atau "
                "habis."
            ),
            gettext("Berkas ini hanya bukti masa lalu; bukan tanda bahwa pemegangnya masih punya hak akses."),
        )
    return Words(
        "ok",
        gettext("Asli dan utuh"),
        gettext(
            "Berkas ini sama persis, bita demi bita, dengan %(name)s yang dibuat kantor ini.", name=paper_name(paper)
        ),
        gettext("Berkas ini dapat dipakai. Keadaannya menurut kantor sekarang tertulis di bawah."),
    )


def _changed(verified: Verified, paper: PaperSays) -> Words:
    found = gettext(
        "Berkas ini menyebut diri %(name)s, tetapi tidak sama dengan berkas kantor.", name=paper_name(paper)
    )
    if verified.comparison is not None:
        found = f"{found} {comparison_words(verified.comparison)}"
    return Words("bad", gettext("Berbeda dari berkas kantor"), found, str(_NOT_USED))


def _scan(verified: Verified) -> Words:
    site = verified.scan.site if verified.scan else ""
    found = gettext(
        "Ini pindaian, foto, atau hasil cetak ulang ke PDF, bukan berkas aslinya: yang dapat diperiksa hanya isinya, "
        "dan hanya oleh Anda. Nomor dan isi di bawah adalah yang dikatakan kantor tentang naskah yang disebut kode "
        "QR-nya."
    )
    if site:
        found = f"{found} " + gettext("Kode QR itu mengarah ke alamat lain (%(site)s), bukan ke kantor ini.", site=site)
    over = _over(verified)
    if over:
        found = f"{found} {over}"
    return Words(
        "bad" if site or over else "late",
        _scan_title(site, over),
        found,
        gettext("Jangan buka alamat dari kode QR itu. Tanyakan kepada kantor dengan menunjukkan kertasnya.")
        if site
        else gettext("Cocokkan setiap baris dengan kertasnya. Bila ada yang berbeda, kertas itu tidak benar."),
    )


def _destroyed(verified: Verified) -> Words:
    says = verified.paper or verified.office
    known = says is not None and bool(says.sha256) and verified.same_bytes
    return Words(
        "late",
        gettext("Pernah dibuat kantor ini; arsipnya sudah dimusnahkan")
        if known
        else gettext("Menyebut naskah yang arsipnya sudah dimusnahkan"),
        gettext(
            "Berkas ini sama persis dengan yang pernah dibuat kantor. Masa simpannya habis dan arsipnya dimusnahkan; "
            "kantor tidak lagi menyimpan isinya."
        )
        if known
        else gettext(
            "Berkas ini tidak sama dengan naskah yang disebutnya, atau tidak dapat dibandingkan lagi: kantor tidak "
            "menyimpan isinya."
        ),
        gettext("Berkas ini hanya bukti masa lalu; bukan tanda bahwa pemegangnya masih punya hak akses.")
        if known
        else str(_NOT_USED),
    )


def _scan_title(site: str, over: str) -> str:
    if site:
        return gettext("Kode QR-nya mengarah ke alamat lain")
    if over:
        return gettext("Menyebut naskah yang sudah tidak berlaku")
    return gettext("Cocokkan sendiri dengan keterangan kantor")


def _over(verified: Verified) -> str:
    """Why what a scan names does not hold any more."""
    if verified.office is not None:
        return pact_over(verified.office)
    paper = verified.paper
    if paper is None or not (paper.replaced or paper.over):
        return ""
    return (
        gettext("Naskah itu sudah diganti lembar baru.")
        if paper.replaced
        else gettext("Akun yang disebut naskah itu sudah dicabut atau habis masanya.")
    )


def _receipt(site: str) -> Words:
    found = gettext(
        "Berkas ini menyebut diri tanda terima permohonan. Tanda terima bukan naskah: kantor tidak menyimpan "
        "salinannya, jadi di sini tidak dapat diperiksa apakah ia asli."
    )
    if site:
        found = f"{found} " + gettext("Kode QR itu mengarah ke alamat lain (%(site)s), bukan ke kantor ini.", site=site)
    return Words(
        "bad" if site else "late",
        gettext("Tanda terima, bukan naskah"),
        found,
        gettext("Jangan buka alamat dari kode QR itu. Tanyakan kepada kantor dengan menunjukkan kertasnya.")
        if site
        else gettext(
            "Pemiliknya dapat melihat status permohonannya di Lacak permohonan, dengan kode lacak yang tercetak di "
            "tanda terimanya."
        ),
    )


def _pact_over(office: OfficeSays) -> Words:
    genuine = gettext("Berkas ini asli.")
    return Words("bad", gettext("Asli, tetapi sudah tidak berlaku"), f"{genuine} {pact_over(office)}", str(_ONLY_PAST))


def _numbers(pages: list[object]) -> str:
    if not pages:
        return gettext("tidak ada (huruf dan gambar di dalamnya bisa tetap berbeda)")
    shown = ", ".join(str(each) for each in pages[:10])
    return f"{shown}, …" if len(pages) > 10 else shown
