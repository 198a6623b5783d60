"""A ZIP that is written as it is read: one file after the other, none of it kept, a manifest of hashes last."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256

MANIFEST = "manifest.json"
FORMAT = "siak-provisioner-case-files"
FORMAT_VERSION = 1
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Of every file: ZIP knows no earlier one. The same content gives the same bytes."""
_MODE = 0o644 << 16
_PIECE = 1 << 20


class _Sink:
    """What was written and not taken yet. It cannot be sought in, so zipfile puts lengths behind each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class Container:
    """Gives the bytes of a ZIP piece by piece. Files of any size and number (ZIP64)."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", allowZip64=True)
        self._files: dict[str, tuple[str, int]] = {}

    def add(self, name: str, content: bytes | Iterable[bytes]) -> Iterator[bytes]:
        """Write a file; what comes out meanwhile is given.

        :raises ValueError: the name stands in it already.
        """
        if name in self._files:
            raise ValueError(f"{name} stands in the container twice")
        digest, length = sha256(), 0
        info = zipfile.ZipInfo(name, _MOMENT)
        info.external_attr = _MODE
        # A PDF is compressed inside already.
        info.compress_type = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w", force_zip64=True) as file:
            for piece in _pieces(content):
                file.write(piece)
                digest.update(piece)
                length += len(piece)
                yield self._sink.taken()
        self._files[name] = (digest.hexdigest(), length)
        yield self._sink.taken()

    def manifest(self) -> bytes:
        """The manifest of what was added so far."""
        files = {name: {"sha256": digest, "length": length} for name, (digest, length) in self._files.items()}
        content = {"format": FORMAT, "version": FORMAT_VERSION, "files": files}
        return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    def end(self) -> Iterator[bytes]:
        """The rest of the ZIP."""
        self._zip.close()
        yield self._sink.taken()


def _pieces(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    if not isinstance(content, bytes):
        return content
    return (content[start : start + _PIECE] for start in range(0, len(content), _PIECE))
