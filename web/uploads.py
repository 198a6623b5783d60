"""Files that people send are held in memory while they are read: nothing of them touches a disk in clear."""

import io
from threading import Condition
from time import monotonic
from typing import IO

from flask import Flask, Request, g, request
from werkzeug.exceptions import ServiceUnavailable

PATIENCE_SECONDS = 10.0
"""How long a file waits for others to be done with, before its sender is asked to come back."""


class RequestInMemory(Request):
    """A request whose files stay in memory. The library would write those above 500 kB to a temporary file, where
    they can be read on the disk long after the file was removed.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return io.BytesIO()


class UploadsBusy(ServiceUnavailable):
    """So many files are being read just now that this one would not fit into the memory set aside for them."""


class UploadMemory:
    """The memory set aside for files that are being read, in bytes. For use by many threads."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._changed = Condition()

    def take(self, wanted: int, patience: float = PATIENCE_SECONDS) -> None:
        """Set ``wanted`` bytes aside, waiting for them at most ``patience`` seconds.

        :raises UploadsBusy: they did not become free.
        """
        until = monotonic() + patience
        with self._changed:
            while wanted > self._free:
                left = until - monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise UploadsBusy
            self._free -= wanted

    def give_back(self, taken: int) -> None:
        """What was taken is free again."""
        with self._changed:
            self._free += taken
            self._changed.notify_all()


def setup_uploads(app: Flask, limit: int) -> None:
    """Keep files in memory, all together at most ``limit`` bytes."""
    app.request_class = RequestInMemory
    memory = app.extensions["upload-memory"] = UploadMemory(limit)

    def give_back(_error: BaseException | None) -> None:
        memory.give_back(g.pop("upload_bytes", 0))

    app.teardown_request(give_back)


def set_aside(app: Flask, largest: int) -> None:
    """Wait until the file of this request fits into the memory for files. Called before its form is read.

    :raises UploadsBusy: it does not.
    """
    wanted = min(request.content_length or 0, largest)
    app.extensions["upload-memory"].take(wanted)
    g.upload_bytes = wanted
