"""Which release of the program this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The installed version, or ``source`` when run without being installed."""
    try:
        return version("siak-provisioner")
    except PackageNotFoundError:
        return "source"
