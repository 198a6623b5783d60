"""Every class of the contract, ready to be run: ``from connectors.contract.suite import *`` in a module of tests."""

from connectors import contract


class TestCheck(contract.CheckContract):
    """``check``."""


class TestCreate(contract.CreateContract):
    """``create``."""


class TestRead(contract.ReadContract):
    """``get`` and ``find``."""


class TestReadSeveral(contract.ReadSeveralContract):
    """``read_several``."""


class TestSearch(contract.SearchContract):
    """``search``."""


class TestChanges(contract.ChangesContract):
    """What changed since a cursor."""


class TestUpdate(contract.UpdateContract):
    """``update``."""


class TestRename(contract.RenameContract):
    """``update`` of the user name."""


class TestDelete(contract.DeleteContract):
    """``delete``."""


class TestSuspend(contract.SuspendContract):
    """Suspension."""


class TestEntitle(contract.EntitleContract):
    """Groups and roles."""


class TestEntitleSeveral(contract.EntitleSeveralContract):
    """The same for several accounts at once."""


class TestAuthenticate(contract.AuthenticateContract):
    """Signing in."""


class TestChangePassword(contract.ChangePasswordContract):
    """The user's own change."""


class TestSetPassword(contract.SetPasswordContract):
    """Passwords in clear text."""


class TestOwnPassword(contract.OwnPasswordContract):
    """The user's own change of such a password."""


class TestSessions(contract.SessionContract):
    """Sessions and sign-ins."""


class TestWithhold(contract.WithholdContract):
    """Withheld mode."""


class TestAdopt(contract.AdoptContract):
    """Strangers' entries that become ours by decision."""


class TestStrangers(contract.StrangerContract):
    """Entries that are not ours."""


class TestValues(contract.ValueContract):
    """Hostile and unusual values."""


class TestRaces(contract.RaceContract):
    """Several at the same time."""
