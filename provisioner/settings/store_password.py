"""The password of the store's user, from a file of its own: so the address of the store is no secret."""

from pathlib import Path
from urllib.parse import quote, urlsplit

from provisioner.errors import ConfigurationError

_SETTING = "store.password_file"


def with_password(url: str, file: Path) -> str:
    """The address ``url`` with the password that the first line of ``file`` holds.

    :raises ConfigurationError: the file cannot be read or is empty, or the address names no user or has a password
        already. No text quotes either.
    """
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    if not user or ":" in user:
        raise ConfigurationError(_SETTING, "store.url must name a user, and no password")
    try:
        password = file.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(_SETTING, f"{file} cannot be read") from None
    if not password:
        raise ConfigurationError(_SETTING, f"the first line of {file} is empty")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}").geturl()
