"""Is everything as it must be? Files, keys, database, letters, signing, officials, and every target."""

from provisioner.checking.checked import Checked
from provisioner.checking.everything import check_everything, check_own

__all__ = ["Checked", "check_everything", "check_own"]
