"""The office as data: its names, posts, roles, regions, hours, and the lists its forms offer. Read from its files."""

import string
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

from provisioner.configuration import CLOSED, Code, Document, Line
from provisioner.label import Label
from provisioner.numbering import NumberFormat
from provisioner.region import Level, Regions, load_regions
from provisioner.schedule import Calendar
from provisioner.toml_lines import KeyPath

Years = Annotated[int, Field(strict=True, ge=1, le=100)]
Verb = Literal["memasukkan", "menyimpan", "membaca", "mengubah", "meralat", "menghapus", "mencetak", "mengkopi"]


class PostId(StrEnum):
    """The posts the program knows. What they are called is the office's affair."""

    HEAD = "head"
    DIVISION_HEAD = "division_head"
    SECTION_HEAD = "section_head"
    ADB = "adb"
    IT = "it"
    AUDITOR = "auditor"
    SECRETARY = "secretary"


@dataclass(frozen=True, config=CLOSED)
class Post:
    """What the office calls a post."""

    label: Label
    short: Line
    """As the SOP's column names it: "Kadis"."""
    title: Line
    """As papers name it in full."""


@dataclass(frozen=True, config=CLOSED)
class Role:
    """Something an operator can be given access for."""

    code: Code
    label: Label
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    """The widths of region that make sense for it."""
    verbs: tuple[Verb, ...]
    """What the role may do with population data, in the words of the regulation."""


@dataclass(frozen=True, config=CLOSED)
class Choice:
    """An entry of a list that a form offers."""

    code: Code
    label: Label


@dataclass(frozen=True, config=CLOSED)
class RevocationReason(Choice):
    """Why access is taken away. ``legal``: regulation names this very reason."""

    legal: bool = False


@dataclass(frozen=True, config=CLOSED)
class EmploymentStatus(Choice):
    """A kind of employment, and the staff number that goes with it."""

    staff_number: Literal["nip", "ni_pppk", "none"] = "none"
    staff_number_label: str = ""

    @model_validator(mode="after")
    def _labelled(self) -> "EmploymentStatus":
        if (self.staff_number == "none") is not (self.staff_number_label == ""):
            raise ValueError("staff_number_label is needed exactly where there is a staff_number")
        return self


@dataclass(frozen=True, config=CLOSED)
class UsernameFormat:
    """How user names are made of names. ``{first} {last} {initials} {name}``, lower-case letters, digits, ``. _ -``."""

    pattern: Line
    max_length: Annotated[int, Field(strict=True, ge=4, le=64)]
    min_length: Annotated[int, Field(strict=True, ge=1)] = 4

    @field_validator("pattern")
    @classmethod
    def _usable(cls, pattern: str) -> str:
        names = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
        unknown = names.difference(("first", "last", "initials", "name"))
        if unknown:
            raise ValueError(f"unknown placeholder {{{min(unknown)}}} (known: first, last, initials, name)")
        if not names:
            raise ValueError("has no placeholder: every operator would get the same name")
        fixed = "".join(text for text, _, _, _ in string.Formatter().parse(pattern))
        if set(fixed).difference(string.ascii_lowercase + string.digits + "._-"):
            raise ValueError("may hold a-z, 0-9, dot, hyphen and underscore besides its placeholders")
        return pattern


@dataclass(frozen=True, config=CLOSED)
class Retention:
    """Years for which papers are kept."""

    requests: Years
    pacts: Years
    attachments: Years
    audit: Years

    @property
    def case_file(self) -> int:
        """A case file is destroyed as a whole: when the last of its parts is due."""
        return max(self.requests, self.pacts, self.attachments, self.audit)


@dataclass(frozen=True, config=CLOSED)
class LetterWords:
    """What the office says in its letters, where its own usage differs from ours. An empty text is left out."""

    on_behalf_of: tuple[Line, ...] = ()
    """Whom the section head answers for: one post ("a.n. X"), or two ("a.n. X, Y, u.b."). None: in their own name."""
    copy_to: tuple[Line, ...] = ()
    """"Tembusan" of the answer."""
    approved: str = (
        "Nama pengguna dan kata sandi awal diserahkan kepada yang bersangkutan sesudah Pakta Integritas "
        "ditandatangani. Kata sandi awal wajib diganti pada saat masuk pertama kali."
    )
    rejected: str = "Apabila alasan tersebut sudah tidak ada lagi, permohonan baru dapat diajukan kembali."
    closing: str = "Demikian disampaikan. Atas perhatian dan kerja sama Saudara, kami ucapkan terima kasih."
    revocation_basis: str = ""
    """What the minutes of a revocation name as their basis, besides the reason; nothing is claimed unless it is set."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid", arbitrary_types_allowed=True))
class Office:
    """Everything about the office that is not the SOP."""

    name: Line
    short_name: Line
    city: Line
    """As it stands before a date: "Mojokerto, 1 Juni 2019"."""
    letterhead: Annotated[tuple[Line, ...], Field(min_length=1)]
    timezone: str
    timezone_label: Line
    request_number: NumberFormat
    register_number: NumberFormat
    pact_number: NumberFormat
    username: UsernameFormat
    posts: dict[PostId, Post]
    calendar: Calendar
    revocation_reasons: tuple[RevocationReason, ...]
    requested_actions: tuple[Choice, ...]
    urgencies: tuple[Choice, ...]
    employment_statuses: tuple[EmploymentStatus, ...]
    roles: tuple[Role, ...]
    regions: Regions
    address: str = ""
    phone: str = ""
    site: str = ""
    outgoing_number: NumberFormat = NumberFormat("{number:03d}/SIAK/{month_roman}/{year}")
    """Of the letters that the office sends: answers, hand-overs, minutes of revocation."""
    letters: LetterWords = LetterWords()
    retention: Retention | None = None
    """None: nothing is ever due for destruction."""

    @field_validator("request_number", "register_number", "pact_number", "outgoing_number", mode="before")
    @classmethod
    def _number_format(cls, value: object) -> object:
        return NumberFormat(value) if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a known time zone") from error
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the office's days and hours are meant."""
        return ZoneInfo(self.timezone)

    def post(self, post: str) -> Post:
        """What the office calls ``post``.

        :raises ValueError: there is no such post.
        """
        return self.posts[PostId(post)]

    def role(self, code: str) -> Role | None:
        """The role with this code, or None."""
        return find(self.roles, code)


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


C = TypeVar("C", bound=_Coded)


def find(choices: Sequence[C], code: str) -> C | None:
    """The entry of a list of the office that has this code, or None."""
    return next((choice for choice in choices if choice.code == code), None)


def load_office(directory: Path) -> Office:
    """Read ``office.toml``, ``roles.toml`` and ``regions.toml`` of ``directory``.

    :raises ConfigurationError: one of them is malformed.
    """
    roles = load_roles(directory / "roles.toml")
    regions = load_regions(directory / "regions.toml")
    document = Document.read(directory / "office.toml")
    for elsewhere in ("roles", "regions"):
        if elsewhere in document.data:
            raise document.error((elsewhere,), f"belongs into {elsewhere}.toml")
    office = document.build(Office, {**document.data, "roles": roles, "regions": regions})
    for post in PostId:
        if post not in office.posts:
            raise document.error(("posts", post.value), "is missing")
    for name in ("revocation_reasons", "requested_actions", "urgencies", "employment_statuses"):
        for path, reason in _list_mistakes(getattr(office, name), name):
            raise document.error(path, reason)
    return office


def load_roles(file: Path) -> tuple[Role, ...]:
    """Read the role catalogue.

    :raises ConfigurationError: it is malformed, empty, or names a code twice.
    """
    document = Document.read(file)
    roles = document.build(_RoleFile).roles
    for path, reason in _list_mistakes(roles, "roles"):
        raise document.error(path, reason)
    return roles


@dataclass(frozen=True, config=CLOSED)
class _RoleFile:
    roles: tuple[Role, ...]


def _list_mistakes(choices: Sequence[_Coded], name: str) -> Iterator[tuple[KeyPath, str]]:
    if not choices:
        yield (name,), "is empty"
    seen = Counter[str]()
    for index, choice in enumerate(choices):
        seen[choice.code] += 1
        if seen[choice.code] > 1:
            yield (name, index, "code"), f"{choice.code!r} stands here for the second time"
