"""The connector for Active Directory: Windows Server and Samba as domain controllers.

What the administrator must provide is told in docs/active-directory.md; what is atomic and how, in
:mod:`connectors.active_directory.connector`.
"""

from connectors.active_directory.connector import ActiveDirectoryConnector

__all__ = ["ActiveDirectoryConnector"]
