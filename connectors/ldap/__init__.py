"""The connector for OpenLDAP and directories that behave like it.

What the administrator must provide, and why, is told in :mod:`connectors.ldap.settings`; what is atomic and how, in
:mod:`connectors.ldap.connector`; how a suspension holds, in :mod:`connectors.ldap.suspension`.
"""

from connectors.ldap.connector import LdapConnector

__all__ = ["LdapConnector"]
