"""What systems are told about a person, through the store and back."""

import json
import re
from pathlib import Path

from provisioner.settings import load_settings
from provisioner.settings.loading import EMBEDDED_FILE
from tests.conftest import MakeOffice
from tests.office import MEMORY


def sample_fields(folder: Path) -> list[list[str]]:
    """The fields of the system for people that the settings show as an example."""
    text = EMBEDDED_FILE.read_text(encoding="utf-8")
    start = text.index("# [targets.siak]")
    file = folder / "sample.toml"
    file.write_text(text[:start] + re.sub(r"^# ?", "", text[start:], flags=re.M), encoding="utf-8")
    return list(load_settings(file).target_settings("siak")["fields"])


def test_a_card_says_role_and_region_in_the_offices_words(make_office: MakeOffice, tmp_path: Path) -> None:
    manual = {"kind": "manual", "label": "SIAK", "settings": {"system": "SIAK", "fields": sample_fields(tmp_path)}}
    office = make_office(targets={"sistem": MEMORY, "siak": manual})
    who = office.new("handover")
    (card,) = office.core.cards.open(office.actor("adb"))
    (made,) = office.events("card-made")
    assert json.loads(made.fields) == {"card": card.id, "target": "siak", "task": "create"}
    assert (made.account_id, made.request_id) == (card.account_id, who.request_id)
    assert dict(card.fields) == {
        "Nama pengguna": office.request(who).username,
        "Nama lengkap": "Dewi Lestari Handayani",
        "NIP": "199507012020122001",
        "Unit kerja": "Kelurahan Gedongan",
        "Peran": "Operator kelurahan",
        "Wilayah": "Kelurahan Gedongan, Kecamatan Magersari, Kota Mojokerto",
    }
