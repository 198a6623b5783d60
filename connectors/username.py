"""Whether a user name fits a target."""

import re

from provisioner.connector import InvalidAttribute, Limits


def require_fit(username: str, limits: Limits) -> str:
    """The name itself.

    :raises InvalidAttribute: it is too long for the target or has characters that the target does not take.
    """
    if len(username) > limits.username_max_length or not re.fullmatch(limits.username_pattern, username):
        raise InvalidAttribute("the user name does not fit this target", "username")
    return username
