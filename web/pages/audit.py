"""Jejak audit: what happened, as sentences, with the fields behind them; and the trail itself to carry away."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import render_template, request, stream_with_context, url_for

from provisioner.audit import Filters
from provisioner.audit.catalogue import catalogue
from provisioner.audit.entry import ACTOR_KINDS
from provisioner.provisioning.trail_reading import EXPORTERS, PERSONAL_EXPORTERS, READERS
from web.area import Area, Subject
from web.audit_words import GROUPS, actor_kinds, kinds_of, trail_line
from web.current import core, office
from web.forms import Form
from web.identity import actor, signed_in

subject = Subject("audit", __name__, Area.OFFICE, "/jejak-audit")

PAGE = 50
NAMES = ("dari", "sampai", "jenis", "pelaku", "cari", "kejadian", "surat", "permohonan", "akun", "pejabat")
"""Filters that stand in the address. The last four are ids that other pages send along."""


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """Events, newest first."""
    asked = {name: request.args.get(name, "").strip()[:100] for name in NAMES}
    wrong = [name for name in ("dari", "sampai") if asked[name] and _day(asked[name]) is None]
    before = _number(request.args.get("sebelum", ""))
    found = core().trail_reading.search(actor(), _filters(asked), before=before, limit=PAGE)
    kept = {name: text for name, text in asked.items() if text}
    return render_template(
        "audit/index.html",
        lines=[trail_line(entry) for entry in found.entries],
        older=_address({**kept, "sebelum": str(found.next_before)}) if found.next_before else "",
        newest=_address(kept) if before else "",
        form=Form.empty(**asked),
        filtered=bool(kept),
        narrowed=any(asked[name] for name in NAMES[5:]),
        hidden=[(name, asked[name]) for name in NAMES[5:] if asked[name]],
        wrong=wrong,
        groups=[(name, text) for name, (text, _) in GROUPS.items()],
        actors=actor_kinds(),
        head=core().trail_reading.head(actor()),
        epochs=[trail_line(entry) for entry in core().trail_reading.epochs(actor())],
        may_export=actor().holds(*EXPORTERS),
        may_export_personal=actor().holds(*PERSONAL_EXPORTERS),
    )


@subject.post("/unduh")
@signed_in(*EXPORTERS)
def export() -> FlaskResponse:
    """The whole trail as JSON lines. That it was taken out is an event of the trail itself."""
    with_personal = bool(Form.sent().value("personal"))
    lines: Iterator[str] = core().trail_reading.export(actor(), personal=with_personal)
    response = FlaskResponse(stream_with_context(lines), mimetype="application/x-ndjson")
    name = f"jejak-audit-{core().context.today().isoformat()}.jsonl"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


# -- the pieces --------------------------------------------------------------------------------------------------------


def _filters(asked: dict[str, str]) -> Filters:
    first, last = _day(asked["dari"]), _day(asked["sampai"])
    kinds = kinds_of(asked["jenis"]) if asked["jenis"] in GROUPS else ()
    if asked["kejadian"] in catalogue().words:
        kinds = (asked["kejadian"],)
    return Filters(
        since=_begins(first) if first else None,
        until=_begins(last + timedelta(days=1)) if last else None,
        kinds=kinds,
        actor_kind=asked["pelaku"] if asked["pelaku"] in ACTOR_KINDS else None,
        letter=asked["surat"] or None,
        request=asked["permohonan"] or None,
        account=asked["akun"] or None,
        official=asked["pejabat"] or None,
        text=asked["cari"],
    )


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, office().zone)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(1900, 1, 1) < found < date(9000, 1, 1) else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _address(query: dict[str, str]) -> str:
    return f"{url_for('audit.index')}?{urlencode(query)}" if query else url_for("audit.index")
