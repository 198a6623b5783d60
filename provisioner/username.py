"""User names: offered from a person's name after the office's pattern, fitting every system, never given twice.

Which names are taken is the caller's knowledge: those found in the systems, and every name ever given, since a name
that comes back would inherit what was written down under it.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from anyascii import anyascii

from provisioner.connector import Limits
from provisioner.errors import Conflict, InvalidInput
from provisioner.office import UsernameFormat

_ALPHABET = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_RESERVED = frozenset(
    (
        "admin",
        "administrator",
        "adm",
        "daemon",
        "dba",
        "guest",
        "mysql",
        "nobody",
        "operator",
        "oracle",
        "postgres",
        "public",
        "root",
        "siak",
        "superuser",
        "support",
        "sys",
        "sysadmin",
        "sysdba",
        "system",
        "test",
        "user",
    )
)
_NO_NAME = "pengguna"
_SEPARATORS = re.compile(r"[._-]")
_HIGHEST_NUMBER = 9999

Taken = Callable[[str], bool]
"""Whether a name (small letters) is in use anywhere, or ever was."""


class UsernamePolicy:
    """What a user name looks like in this office and in all its systems."""

    def __init__(self, form: UsernameFormat, limits: Sequence[Limits]) -> None:
        self._pattern = form.pattern
        self._min_length = form.min_length
        self._max_length = min([form.max_length, *(limit.username_max_length for limit in limits)])
        self._alphabets = [_ALPHABET, *(re.compile(limit.username_pattern) for limit in limits)]

    @property
    def max_length(self) -> int:
        """The longest name that fits everywhere."""
        return self._max_length

    def propose(self, full_name: str, taken: Taken) -> str:
        """The first candidate that is free.

        :raises Conflict: ``no-username-free``: somebody has to think of one.
        """
        for candidate in self.candidates(full_name):
            if not taken(candidate):
                return candidate
        raise Conflict("no-username-free")

    def candidates(self, full_name: str) -> Iterator[str]:
        """Names that fit, best first: the pattern, the pattern with the middle names, then numbers behind it."""
        seen: set[str] = set()
        for name in map(self._separated, self._spellings(_words(full_name))):
            if name not in seen and not self.violations(name):
                seen.add(name)
                yield name

    def violations(self, username: str) -> list[str]:
        """What is wrong with a name somebody typed; empty when it may be used (if it is free).

        Codes: ``username-too-short, username-too-long, username-characters, username-only-digits, username-reserved``.
        """
        if len(username) > self._max_length:
            return ["username-too-long"]
        found = {
            "username-too-short": len(username) < self._min_length,
            "username-characters": not all(alphabet.fullmatch(username) for alphabet in self._alphabets),
            # A name of digits only is somebody's NIK, NIP or telephone number.
            "username-only-digits": username.isdigit(),
            "username-reserved": username in _RESERVED,
        }
        return [code for code, wrong in found.items() if wrong]

    def accept(self, username: str, taken: Taken) -> str:
        """A typed name as it will be used: small letters, no spaces around it.

        :raises InvalidInput: the codes of :meth:`violations` under ``fields["username"]``.
        :raises Conflict: ``username-taken``.
        """
        name = username.strip().lower() if len(username) <= 2 * self._max_length else username
        wrong = self.violations(name)
        if wrong:
            raise InvalidInput(fields={"username": wrong})
        if taken(name):
            raise Conflict("username-taken")
        return name

    def _spellings(self, words: Sequence[str]) -> Iterator[str]:
        first, last = words[0], words[-1] if len(words) > 1 else ""
        plain = self._filled(first, last, words)
        yield plain
        if len(plain) > self._max_length and last:
            yield self._filled(first, last[0], words)
            yield self._filled(first[0], last, words)
        cut = plain[: self._max_length].rstrip("._-")
        yield cut
        middle = words[1:-1]
        if middle:
            yield self._filled(first, ".".join((*middle, last)), words)
            yield self._filled(first, ".".join((*(word[0] for word in middle), last)), words)
        for number in map(str, range(2, _HIGHEST_NUMBER + 1)):
            yield cut[: self._max_length - len(number)].rstrip("._-") + number

    def _separated(self, name: str) -> str:
        """The name with the first kind of separator that every system takes.

        Only one kind is ever offered: ``dewi_ayu`` beside ``dewi.ayu`` would be mistaken for each other.
        """
        spellings = (name, *(_SEPARATORS.sub(separator, name) for separator in ("_", "-")))
        fitting = (one for one in spellings if all(alphabet.fullmatch(one) for alphabet in self._alphabets))
        return next(fitting, _SEPARATORS.sub("", name))

    def _filled(self, first: str, last: str, words: Sequence[str]) -> str:
        initials = "".join(word[0] for word in words)
        filled = self._pattern.format(first=first, last=last, initials=initials, name="".join(words))
        # A name of one word leaves a separator without a neighbour.
        return re.sub(r"([._-])[._-]+", r"\1", filled).strip("._-")


def _words(full_name: str) -> list[str]:
    """The words of a name in a-z: ``Siti Nur'aini`` is siti, nuraini."""
    latin = anyascii(full_name).lower()
    words = [re.sub(r"[^a-z]", "", word) for word in re.split(r"[\s.]+", latin)]
    return [word for word in words if word] or [_NO_NAME]
