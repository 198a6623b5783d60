"""The regions an access right can be limited to: the city, its districts (kecamatan) and their wards (kelurahan)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

import pydantic.dataclasses
from pydantic import Field

from provisioner.configuration import CLOSED, Document, Line
from provisioner.errors import ConfigurationError
from provisioner.toml_lines import KeyPath


class Level(StrEnum):
    """How wide a region is, in the office's own words."""

    KOTA = "kota"
    KECAMATAN = "kecamatan"
    KELURAHAN = "kelurahan"


@dataclass(frozen=True)
class Region:
    """One region. ``code`` is that of the Ministry of Home Affairs, e.g. ``35.76.02.1010``."""

    code: str
    name: str
    level: Level
    parent: "Region | None" = None

    @property
    def title(self) -> str:
        """``Kelurahan Wates``; a city's name says already what it is."""
        return self.name if self.level is Level.KOTA else f"{self.level.value.capitalize()} {self.name}"

    @property
    def full_title(self) -> str:
        """``Kelurahan Wates, Kecamatan Magersari, Kota Mojokerto``."""
        return self.title if self.parent is None else f"{self.title}, {self.parent.full_title}"

    def contains(self, other: "Region") -> bool:
        """Whether ``other`` is this region or lies in it."""
        return self.code == other.code or (other.parent is not None and self.contains(other.parent))


@dataclass(frozen=True)
class Regions:
    """All regions of the office, the city first, each district before its wards."""

    all: tuple[Region, ...]

    @cached_property
    def _by_code(self) -> dict[str, Region]:
        return {region.code: region for region in self.all}

    def __iter__(self) -> Iterator[Region]:
        return iter(self.all)

    def get(self, code: str) -> Region | None:
        """The region with this code, or None."""
        return self._by_code.get(code)

    @property
    def city(self) -> Region:
        """The whole area of the office."""
        return self.all[0]

    def of_level(self, level: Level) -> tuple[Region, ...]:
        """Every region of this width, in the order of the file."""
        return tuple(region for region in self.all if region.level is level)


@pydantic.dataclasses.dataclass(frozen=True, config=CLOSED)
class _Ward:
    code: Annotated[str, Field(pattern=r"^\d\d\.\d\d\.\d\d\.\d{4}$")]
    name: Line


@pydantic.dataclasses.dataclass(frozen=True, config=CLOSED)
class _District:
    code: Annotated[str, Field(pattern=r"^\d\d\.\d\d\.\d\d$")]
    name: Line
    wards: tuple[_Ward, ...]


@pydantic.dataclasses.dataclass(frozen=True, config=CLOSED)
class _City:
    code: Annotated[str, Field(pattern=r"^\d\d\.\d\d$")]
    name: Line
    districts: tuple[_District, ...]


def load_regions(file: Path) -> Regions:
    """Read the regions from ``file``.

    :raises ConfigurationError: the file is malformed, a code stands twice, or under a region it does not belong to.
    """
    document = Document.read(file)
    layout = document.build(_City)
    city = Region(layout.code, layout.name, Level.KOTA)
    found: dict[str, Region] = {city.code: city}

    def add(region: Region, place: KeyPath) -> None:
        if region.parent is not None and not region.code.startswith(f"{region.parent.code}."):
            raise _misplaced(document, place, f"{region.code} does not lie in {region.parent.code}")
        if region.code in found:
            raise _misplaced(document, place, f"{region.code} stands here for the second time")
        found[region.code] = region

    for number, part in enumerate(layout.districts):
        district = Region(part.code, part.name, Level.KECAMATAN, city)
        add(district, ("districts", number))
        for index, ward in enumerate(part.wards):
            place: KeyPath = ("districts", number, "wards", index)
            add(Region(ward.code, ward.name, Level.KELURAHAN, district), place)
    return Regions(tuple(found.values()))


def _misplaced(document: Document, place: KeyPath, reason: str) -> ConfigurationError:
    return document.error((*place, "code"), reason)
