"""What every connector must do, as reusable test classes: one class for every operation.

A connector's own tests bring a fixture ``subject`` that gives a :class:`Subject` over a fresh, empty target, and import
all of it: ``from connectors.contract.suite import *``. What the connector cannot do shows as a skip with its reason.
It needs pytest, which the service itself does not: ``pip install siak-provisioner[contract]``.
"""

import pkgutil

import pytest

# Before they are imported, so that a failed assertion tells both sides wherever the suite is used.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

from connectors.contract.adopting import AdoptContract
from connectors.contract.checking import CheckContract
from connectors.contract.creating import CreateContract
from connectors.contract.entitling import EntitleContract, EntitleSeveralContract
from connectors.contract.racing import RaceContract
from connectors.contract.reading import ReadContract, ReadSeveralContract, SearchContract
from connectors.contract.removing import DeleteContract
from connectors.contract.setting_passwords import OwnPasswordContract, SetPasswordContract
from connectors.contract.signing_in import AuthenticateContract, ChangePasswordContract, SessionContract
from connectors.contract.strangers import StrangerContract
from connectors.contract.subject import DEWI, Subject, cheap_argon2id, new_account
from connectors.contract.suspending import SuspendContract
from connectors.contract.telling_changes import ChangesContract
from connectors.contract.updating import RenameContract, UpdateContract
from connectors.contract.values import ValueContract
from connectors.contract.withholding import WithholdContract

__all__ = [
    "DEWI",
    "AdoptContract",
    "AuthenticateContract",
    "ChangePasswordContract",
    "ChangesContract",
    "CheckContract",
    "CreateContract",
    "DeleteContract",
    "EntitleContract",
    "EntitleSeveralContract",
    "OwnPasswordContract",
    "RaceContract",
    "ReadContract",
    "ReadSeveralContract",
    "RenameContract",
    "SearchContract",
    "SessionContract",
    "SetPasswordContract",
    "StrangerContract",
    "Subject",
    "SuspendContract",
    "UpdateContract",
    "ValueContract",
    "WithholdContract",
    "cheap_argon2id",
    "new_account",
]
