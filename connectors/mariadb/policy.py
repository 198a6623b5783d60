"""What a server demands of passwords: its variables, and the plugins that look into them.

https://mariadb.com/kb/en/simple-password-check-plugin/ and .../password-validation-plugin-api/
"""

from datetime import timedelta

from connectors.mariadb.line import Line
from provisioner.connector import PasswordRules

_CHECK = "simple_password_check_"
_ENDLESS = 4294967295
"""``max_password_errors`` that stands for no limit."""


def rules_of(line: Line) -> PasswordRules:
    """The rules of every plugin that is at work: a password has to please all of them.

    :raises ConnectorError: the server cannot be asked.
    """
    question = "SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_TYPE = %s AND PLUGIN_STATUS = %s"
    judges = {row[0] for row in line.rows("reading the policy", question, "PASSWORD VALIDATION", "ACTIVE")}
    names = "VARIABLE_NAME LIKE %s OR VARIABLE_NAME IN (%s, %s)"
    question = f"SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES WHERE {names}"  # noqa: S608
    asked = line.rows("reading the policy", question, f"{_CHECK}%", "default_password_lifetime", "max_password_errors")
    values = {str(name).lower(): int(value) for name, value in asked if str(value).isdecimal()}
    both_cases = values.get(f"{_CHECK}letters_same_case", 0)
    lifetime, errors = values.get("default_password_lifetime", 0), values.get("max_password_errors", _ENDLESS)
    return PasswordRules(
        source=", ".join(sorted(judges)) or "server variables",
        min_length=values.get(f"{_CHECK}minimal_length", 0),
        capitals=both_cases,
        small=both_cases,
        digits=values.get(f"{_CHECK}digits", 0),
        others=values.get(f"{_CHECK}other_characters", 0),
        max_age=timedelta(days=lifetime) if lifetime else None,
        lockout_after=errors if errors < _ENDLESS else 0,
        examined=bool(judges - {"simple_password_check"}),
    )
