"""Keeping the process small: what the C library's allocator should give back to the system."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_MIB = 1 << 20


def keep_small() -> None:
    """Give large blocks back as soon as they are free. Where the C library is not glibc, nothing happens.

    Every Argon2 hash takes some 19 MiB for a moment. After the first of them glibc raises its threshold and keeps such
    blocks, for every thread that ever hashed (mallopt(3)); threads also get arenas of their own, which only grow.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for parameter, value in ((_MMAP_THRESHOLD, _MIB), (_TRIM_THRESHOLD, _MIB), (_ARENA_MAX, 2)):
        mallopt(parameter, value)
