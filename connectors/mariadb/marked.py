"""The account id inside a MariaDB user, which has no field for it: a second way to sign in that nobody can use.

``mysql_native_password`` compares with SHA1(SHA1(password)), 40 hexadecimal digits. A chosen value in that place is no
password's hash that anybody could find. It survives a change of the password and a rename, is dropped with the user,
and only who may write users can write it. So 8 digits say that the user is ours, and 32 are the account id. It must
never be made with SHA-1, or whoever knows what went in could sign in with it.
"""

import re

from provisioner.connector import InvalidAttribute

TAG = "51AC4C07"
_CARRIER = re.compile(rf"\*{TAG}([0-9A-F]{{32}})")
_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")


def fits(account_id: str) -> bool:
    """Whether the account id is one that a user can carry: a UUID as 32 lower-case digits, as all of the core's are."""
    return _ACCOUNT_ID.fullmatch(account_id) is not None


def carrier(account_id: str) -> str:
    """What stands in the place of a hash.

    :raises InvalidAttribute: not an id that fits there.
    """
    if not fits(account_id):
        raise InvalidAttribute("the account id is not a UUID of 32 digits")
    return f"*{TAG}{account_id.upper()}"


def carried(text: str) -> str | None:
    """The account id; None when the text is a hash like any other."""
    match = _CARRIER.fullmatch(text)
    return match[1].lower() if match else None
