"""An office with a system that takes passwords in clear text only, and plain questions about it."""

from pathlib import Path

from provisioner.connector import Outcome
from tests.house import House, Someone, memory, table
from tests.servers.clear_text_table import ClearTextTable


def clear_text_house(folder: Path, *, sign_in: bool) -> House:
    """``domain`` takes clear text only; it is the sign-in target, or stands beside one that takes verifiers."""
    domain = ClearTextTable(folder / "domain.db")
    targets = {"domain": table(folder / "unused.db", sign_in=sign_in)}
    if not sign_in:
        targets = {"akun": memory(sign_in=True), **targets}
    return House(folder, targets, connectors={"domain": domain})


def domain(house: House) -> ClearTextTable:
    found: ClearTextTable = house.connector("domain")
    return found


def outcome(house: House, password: str, target: str = "domain") -> Outcome:
    told: Outcome = house.connector(target).authenticate("dewi.lestari", password).outcome
    return told


def states(house: House, someone: Someone, name: str = "domain") -> list[str]:
    credential = next(each for each in house.account(someone).credentials if each.name == name)
    return [each.state for each in sorted(credential.generations, key=lambda each: each.number)]


def passwords(house: House, someone: Someone) -> dict[str, str]:
    return {slip.targets[0]: slip.password for slip in house.open(someone).slips}
