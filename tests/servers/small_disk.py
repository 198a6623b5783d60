"""A disk of its own for one server, in a mount namespace that nobody else is in; it can be made full and roomy again.

    with small_disk(folder, 200, "postgres") as disk:
        subprocess.Popen([*disk.entering(), "postgres", ...])
        disk.fill()

What it holds is gone with the last process inside. Needs root (or CAP_SYS_ADMIN).
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MOUNTED = "mounted"


class SmallDisk:
    """A file system in memory at ``folder``, which only processes that enter see there. It is this user's."""

    def __init__(self, folder: Path, mib: int, user: str) -> None:
        self.folder = folder
        self._mib, self._user = mib, user
        folder.mkdir(exist_ok=True)
        options = f"size={mib}m,mode=0700,uid={user},gid={user}"
        # Only the mount below which it lies is taken out of what others see: in a changed root "/" may be none.
        alone = 'mount --make-rprivate "$(findmnt --first-only --noheadings --output TARGET --target "$1")"'
        script = f'{alone} && mount -t tmpfs -o {options} tmpfs "$1" && echo {_MOUNTED} && read -r _ignored'
        # It lives until its standard input is closed: it never outlives the tests.
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", script, "sh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        told = self._holder.stdout.readline().decode().strip()
        assert told == _MOUNTED, "a mount namespace of its own is refused: run as root"

    @property
    def seen_from_here(self) -> Path:
        """What processes inside see at ``folder`` (proc(5))."""
        return Path(f"/proc/{self._holder.pid}/root{self.folder}")

    def entering(self) -> list[str]:
        """What has to stand before a command so that it is started inside, as the user."""
        return [*self._inside(), "setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"]

    def _inside(self) -> list[str]:
        return ["nsenter", "--target", str(self._holder.pid), "--mount", "--root", f"--wd={self.folder.parent}"]

    def fill(self) -> None:
        """From now on it holds what it holds, and not a page more."""
        there = os.statvfs(self.seen_from_here)
        self._resize(f"{(there.f_blocks - there.f_bfree) * there.f_frsize}")

    def make_room(self) -> None:
        """As large as in the beginning."""
        self._resize(f"{self._mib}m")

    def close(self) -> None:
        """Give it up, with what is on it, once nobody is inside."""
        for pipe in (self._holder.stdin, self._holder.stdout):
            if pipe is not None:
                pipe.close()
        self._holder.wait(20)

    def _resize(self, size: str) -> None:
        command = [*self._inside(), "mount", "-o", f"remount,size={size}", str(self.folder)]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def small_disk(folder: Path, mib: int, user: str) -> Iterator[SmallDisk]:
    """A :class:`SmallDisk` for as long as the block lasts."""
    disk = SmallDisk(folder, mib, user)
    try:
        yield disk
    finally:
        disk.close()
