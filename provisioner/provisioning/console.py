"""Somebody signed in to the machine itself, using the command: they may look, and act as IT does."""

import getpass

from sqlalchemy import or_, select

from provisioner.actor import Actor, Capacity
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, RequestRow


class Console:
    """The person at the machine's own console."""

    def actor(self) -> Actor:
        """They act as IT, under the name of the machine's user."""
        user = getpass.getuser()
        return Actor("", user, user, (Capacity("it", f"Petugas TI ({user})"),))

    @staticmethod
    def find_request(context: Context, number: str) -> str:
        """The id of the request with this number or id. :raises NotFound: there is none."""
        with context.store.read() as session:
            found = session.scalars(
                select(RequestRow.id).where(or_(RequestRow.number == number, RequestRow.id == number))
            ).one_or_none()
        if found is None:
            raise NotFound("request-unknown")
        return found

    @staticmethod
    def find_account(context: Context, username: str) -> str:
        """The id of the account with this user name or id. :raises NotFound: there is none."""
        with context.store.read() as session:
            found = session.scalars(
                select(AccountRow.id).where(or_(AccountRow.username == username, AccountRow.id == username))
            ).one_or_none()
        if found is None:
            raise NotFound("account-unknown")
        return found
