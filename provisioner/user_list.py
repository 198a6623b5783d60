"""A list of people or accounts that somebody uploads or pastes: CSV, XLSX, or one value a line.

A first line that names columns says what stands where. Without one, every line is one value of the only column that
can do without (``sole``). A column that nobody knows refuses the list: what it holds would be passed over in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.errors import InvalidInput
from provisioner.list_lines import Cell, Limits, Line, Lines
from provisioner.plain_text import one_line

MOST_PROBLEMS = 20
_LONGEST_TITLE = 60

__all__ = ["Column", "Limits", "ListRefused", "Problem", "Row", "UserList", "read_list"]


@dataclass(frozen=True)
class Column:
    """A column that a list may have.

    ``titles``: what may stand above it; capitals, spaces and signs make no difference.
    """

    name: str
    titles: tuple[str, ...]
    required: bool = False
    """The column must be there, and filled in every row."""
    unique: bool = False
    """No two rows have the same, capitals aside."""
    sole: bool = False
    """A list without titles consists of this column."""


@dataclass(frozen=True)
class Row:
    """A row with its line in the file. ``cells``: column name -> text; what is empty is left out."""

    line: int
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class UserList:
    """The whole list. ``columns``: names of those that it has, in its order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong at a line: ``formula, cell-error, number-too-long, too-long, control-character, required,
    duplicate, too-many-cells``. ``column`` is its title; ``other_line`` has the same value.
    """

    line: int
    code: str
    column: str = ""
    other_line: int | None = None


class ListRefused(InvalidInput):
    """``list-rows``: some rows cannot be taken, so none is. ``problems`` are the first :data:`MOST_PROBLEMS`."""

    def __init__(self, problems: Sequence[Problem], count: int) -> None:
        super().__init__("list-rows", line=problems[0].line, reason=problems[0].code, count=count)
        self.problems = tuple(problems)
        self.count = count


def read_list(
    source: bytes | str, columns: Sequence[Column], *, ignored: Sequence[str] | None = (), limits: Limits | None = None
) -> UserList:
    """Read all of it or nothing.

    :param source: an upload's bytes, or a pasted text.
    :param ignored: titles of columns that are passed over on purpose; None: whatever is not known is.
    :raises InvalidInput: see :class:`~provisioner.list_lines.Lines`; ``list-header-missing`` (``line``),
        ``list-column-unknown`` and ``list-column-twice`` (``line``, ``column``), ``list-column-missing``
        (``line``, ``column``: its name), ``list-no-rows``. :raises ListRefused: single rows are wrong.
    """
    known = _Known(columns, ignored)
    lines = Lines(source, limits or Limits())
    separator, titled = known.separator_of(lines)
    found = lines.read(separator)
    header = known.header(next(found)) if titled else known.untitled(lines)
    rows = _Rows(header, (limits or Limits()).cell_length)
    for line in found:
        rows.add(line)
    return rows.all()


@dataclass(frozen=True)
class _Header:
    """``columns``: by place; None where the column is passed over."""

    columns: tuple[Column | None, ...]
    titles: tuple[str, ...]


class _Known:
    """The columns by what may stand above them."""

    def __init__(self, columns: Sequence[Column], ignored: Sequence[str] | None) -> None:
        self._columns = columns
        self._of = {_folded(title): each for each in columns for title in each.titles}
        self._lenient = ignored is None
        self._ignored = {_folded(title) for title in ignored or ()} - self._of.keys()

    def separator_of(self, lines: Lines) -> tuple[str, bool]:
        """With which the first line names the most columns; and whether it names any."""
        best, most = "", 0
        for separator in lines.separators:
            try:
                count = sum(_folded(cell.text) in self._of for cell in next(lines.read(separator)).cells)
            except InvalidInput as refused:
                if refused.code == "list-quotes":
                    continue
                raise
            except StopIteration:
                raise InvalidInput("list-empty") from None
            if count > most:
                best, most = separator, count
        return best, most > 0

    def header(self, line: Line) -> _Header:
        """What the first line says of the columns."""
        chosen: list[Column | None] = []
        for cell in line.cells:
            column, folded = self._of.get(_folded(cell.text)), _folded(cell.text)
            if column is None and folded and folded not in self._ignored and not self._lenient:
                raise InvalidInput("list-column-unknown", line=line.number, column=cell.text[:_LONGEST_TITLE])
            if column is not None and column in chosen:
                raise InvalidInput("list-column-twice", line=line.number, column=cell.text[:_LONGEST_TITLE])
            chosen.append(column)
        for column in self._columns:
            if column.required and column not in chosen:
                raise InvalidInput("list-column-missing", line=line.number, column=column.titles[0])
        return _Header(tuple(chosen), tuple(cell.text[:_LONGEST_TITLE] for cell in line.cells))

    def untitled(self, lines: Lines) -> _Header:
        """One value a line, if a list can be so."""
        sole = next((each for each in self._columns if each.sole), None)
        first = next(lines.read(""))
        if sole is None or len(first.cells) > 1:
            raise InvalidInput("list-header-missing", line=first.number)
        return _Header((sole,), (sole.titles[0],))


class _Rows:
    """Collects rows, and what is wrong with them."""

    def __init__(self, header: _Header, longest: int) -> None:
        self._header = header
        self._longest = longest
        self._rows: list[Row] = []
        self._problems: list[Problem] = []
        self._wrong = 0
        self._seen: dict[tuple[str, str], int] = {}

    def add(self, line: Line) -> None:
        """A line after the titles."""
        cells: dict[str, str] = {}
        if any(cell != Cell() for place, cell in enumerate(line.cells) if self._has_no_title(place)):
            self._refuse(Problem(line.number, "too-many-cells"))
        for place, column in enumerate(self._header.columns):
            if column is not None:
                cell = line.cells[place] if place < len(line.cells) else Cell()
                text = self._text(line.number, column, self._header.titles[place], cell)
                if text:
                    cells[column.name] = text
        self._rows.append(Row(line.number, cells))

    def all(self) -> UserList:
        """:raises ListRefused: a row was wrong. :raises InvalidInput: ``list-no-rows``."""
        if self._problems:
            raise ListRefused(self._problems, self._wrong)
        if not self._rows:
            raise InvalidInput("list-no-rows")
        names = tuple(each.name for each in self._header.columns if each is not None)
        return UserList(names, tuple(self._rows))

    def _has_no_title(self, place: int) -> bool:
        return place >= len(self._header.titles) or not self._header.titles[place]

    def _text(self, line: int, column: Column, title: str, cell: Cell) -> str:
        """What stands in the cell; empty, too, when it cannot be taken."""
        wrong, text, first = cell.wrong, "", line
        try:
            text = one_line(cell.text, self._longest)
        except InvalidInput as refused:
            wrong = refused.code
        if not wrong and not text and column.required:
            wrong = "required"
        if not wrong and text and column.unique:
            first = self._seen.setdefault((column.name, text.casefold()), line)
            wrong = "duplicate" if first != line else ""
        if wrong:
            self._refuse(Problem(line, wrong, title, first if first != line else None))
        return "" if wrong else text

    def _refuse(self, problem: Problem) -> None:
        self._wrong += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(problem)


def _folded(title: str) -> str:
    """What is left of a title when it is compared: letters and digits."""
    return "".join(sign for sign in title.casefold() if sign.isalnum())
