"""What every LDAP server shares: the wire, sessions and their pool, TLS, names, the password-policy control, errors.

Not a connector but a room that the connectors of the directories share. It knows RFC 4511 and its companions; what one
vendor's server does differently stands in that server's connector.
"""
