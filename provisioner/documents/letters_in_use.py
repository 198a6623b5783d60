"""The letters in use: the office's own as they are on disk, or, once those are broken, the last ones that rendered.

What was tried is what is used: a copy is tried, and kept when it renders. A copy is never changed, so a paper cannot
be made of files that somebody is just saving.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from provisioner.documents.made_up import MADE_UP
from provisioner.documents.renderer import CREST
from provisioner.documents.trial import tried
from provisioner.errors import ConfigurationError

_NEWEST = "newest"
_KEPT = 3
_log = logging.getLogger(__name__)

Signature = tuple[tuple[str, int, int], ...]


class LettersInUse:
    """May be used by several threads, and by several processes over the same folders."""

    def __init__(self, source: Path, kept: Path) -> None:
        """``source``: the office's letters. ``kept``: where good copies lie, made when needed."""
        self._source = source
        self._kept = kept
        self._lock = Lock()
        self._seen: Signature | None = None
        self._good: Path | None = None
        self._wrong: Sequence[ConfigurationError] = ()

    def folder(self) -> Path:
        """The letters to use now. Files that have changed are tried before they are.

        :raises ConfigurationError: they are broken, and no earlier ones are kept.
        """
        self._look()
        if self._good is None:
            raise self._wrong[0]
        return self._good

    def wrong(self) -> Sequence[ConfigurationError]:
        """What is wrong with the office's letters as they are on disk; papers come from the last good ones."""
        self._look()
        return self._wrong

    def _look(self) -> None:
        signature = self._signature()
        if signature == self._seen:
            return
        with self._lock:
            if signature != self._seen:
                self._try(signature)

    def _signature(self) -> Signature:
        try:
            files = [(each, each.stat()) for each in self._files()]
        except OSError:
            return ()  # Somebody is just saving them: looked at again at once.
        return tuple((each.name, stat.st_mtime_ns, stat.st_size) for each, stat in files)

    def _files(self) -> list[Path]:
        return sorted([*self._source.glob("*.typ"), *self._source.glob(CREST)])

    def _try(self, signature: Signature) -> None:
        try:
            self._wrong = self._adopt()
        except OSError as error:
            self._wrong = [ConfigurationError(str(self._kept), f"the letters cannot be kept: {error.strerror}")]
        if self._wrong:
            self._good = self._good or self._newest()
            for each in self._wrong:
                _log.error("a letter is broken, the last good ones stay in use: %s", each)
        self._seen = signature

    def _adopt(self) -> Sequence[ConfigurationError]:
        """Try the letters on disk and use them; what is wrong with them."""
        self._kept.mkdir(parents=True, exist_ok=True)
        copy = Path(mkdtemp(dir=self._kept, prefix="trial-"))
        try:
            # A newer program may tell the letters other things: then they are tried anew.
            digest = hashlib.sha256(json.dumps(MADE_UP).encode())
            for file in self._files():
                content = file.read_bytes()
                (copy / file.name).write_bytes(content)
                digest.update(file.name.encode() + b"\0" + hashlib.sha256(content).digest())
            good = self._kept / digest.hexdigest()[:24]
            if not good.is_dir():
                if wrong := [self._in_source(each) for each in tried(copy)]:
                    return wrong
                _keep(copy, good)
            self._remember(good)
            self._good = good
            return ()
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def _in_source(self, error: ConfigurationError) -> ConfigurationError:
        """What was found in the copy, told of the office's own file."""
        return ConfigurationError(str(self._source / Path(error.file).name), error.reason, error.line)

    def _remember(self, good: Path) -> None:
        written = self._kept / f"{_NEWEST}.new"
        written.write_text(good.name)
        written.replace(self._kept / _NEWEST)
        good.touch()
        copies = sorted((each for each in self._kept.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
        older = [each for each in copies if each != good and not each.name.startswith("trial-")]
        for old in older[: max(0, len(older) + 1 - _KEPT)]:
            shutil.rmtree(old, ignore_errors=True)

    def _newest(self) -> Path | None:
        try:
            good = self._kept / (self._kept / _NEWEST).read_text()
        except OSError:
            return None
        return good if good.is_dir() else None


def _keep(copy: Path, good: Path) -> None:
    """Another process that started at the same moment may have tried the same letters, and kept them first."""
    try:
        copy.rename(good)
    except OSError:
        if not good.is_dir():
            raise
