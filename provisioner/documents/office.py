"""The office as its papers name it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Office:
    """Whose letterhead it is. Empty texts are left out on the paper."""

    government: str
    """First line of the letterhead: "Pemerintah Kota Mojokerto"."""
    agency: str
    """Second line: "Dinas Kependudukan dan Pencatatan Sipil"."""
    address: str
    """"Jalan ..., Mojokerto, Jawa Timur 61317"."""
    contact: str
    """Telephone, mail, web site, on one line."""
    place: str
    """Where letters are dated: "Mojokerto"."""
    zone: ZoneInfo
    """The clock on the office's wall."""
    crest: str = ""
    """An SVG drawing of the region's arms for the letterhead."""

    @property
    def full_name(self) -> str:
        """The agency with its region, as certificates name it: "Dinas ... Kota Mojokerto"."""
        return f"{self.agency} {self.government.removeprefix('Pemerintah ')}"

    def letterhead(self) -> dict[str, str]:
        """The data of the templates' ``kop``."""
        return {
            "government": self.government,
            "agency": self.agency,
            "address": self.address,
            "contact": self.contact,
            "crest": self.crest,
        }
