"""What every test shares."""

import re

_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,40}")


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:  # noqa: ARG001
    """Name cases by plain words only: workers that run tests in parallel must find the same names, and a value that is
    drawn anew in each process (a salt, a code) would differ between them.
    """
    if isinstance(val, str) and not _PLAIN.fullmatch(val):
        return argname
    return None
