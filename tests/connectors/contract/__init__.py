"""What every connector must do, as reusable test classes: one class for every operation.

A connector's own tests subclass each (``class TestCreate(CreateContract)``) and bring a fixture ``subject`` that gives
a :class:`Subject` over a fresh, empty target. What the connector cannot do shows as a skip with its reason.
"""

from tests.connectors.contract.adopting import AdoptContract
from tests.connectors.contract.creating import CreateContract
from tests.connectors.contract.entitling import EntitleContract
from tests.connectors.contract.racing import RaceContract
from tests.connectors.contract.reading import ReadContract, ReadSeveralContract, SearchContract
from tests.connectors.contract.removing import DeleteContract
from tests.connectors.contract.setting_passwords import OwnPasswordContract, SetPasswordContract
from tests.connectors.contract.signing_in import AuthenticateContract, ChangePasswordContract, SessionContract
from tests.connectors.contract.strangers import StrangerContract
from tests.connectors.contract.subject import DEWI, Subject, cheap_argon2id, new_account
from tests.connectors.contract.suspending import SuspendContract
from tests.connectors.contract.updating import RenameContract, UpdateContract
from tests.connectors.contract.values import ValueContract
from tests.connectors.contract.withholding import WithholdContract

__all__ = [
    "DEWI",
    "AdoptContract",
    "AuthenticateContract",
    "ChangePasswordContract",
    "CreateContract",
    "DeleteContract",
    "EntitleContract",
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
