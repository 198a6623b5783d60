"""The QR codes on the pages of a PDF as somebody would see them, whatever they are drawn with.

The pages are drawn in a process of its own (:mod:`provisioner.documents.page_reading`) with limits of time and memory:
a file from outside that makes it loop, swell or crash does so where it holds nobody up.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from threading import BoundedSemaphore

MOST_PAGES = 20
SECONDS = 6.0
_AT_ONCE = BoundedSemaphore(2)
"""How many such processes there are: more would take the processor from those who work."""


def codes_by_page(pdf: bytes, max_pixels: int, *, pages: int = MOST_PAGES, seconds: float = SECONDS) -> list[list[str]]:
    """The texts of the QR codes on each of the first ``pages``; fewer pages where the time was over. Never raises for a
    bad file: one that cannot be read has no pages.

    ``max_pixels``: of the picture of a page. ``seconds``: for all of it, waiting for one's turn besides.
    """
    if not _AT_ONCE.acquire(timeout=seconds):
        return []
    try:
        return list(_said(_read(pdf, pages, max_pixels, seconds)))
    finally:
        _AT_ONCE.release()


def _read(pdf: bytes, *limits: float) -> bytes:
    command = [sys.executable, "-m", "provisioner.documents.page_reading", *(str(each) for each in limits)]
    # Nothing of our own surroundings goes in: keys may stand there.
    surroundings = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ.get("PATH", "")}
    seconds = limits[-1]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=seconds, env=surroundings, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        return error.stdout or b""
    return done.stdout


def _said(output: bytes) -> Iterator[list[str]]:
    """The last line of a process that was ended while it wrote may be cut off."""
    for line in output.splitlines():
        if line.endswith(b"]"):
            yield json.loads(line)
