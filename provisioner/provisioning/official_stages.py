"""What is still demanded of somebody who signs in: a second factor, a new password, setting a second factor up."""

from dataclasses import dataclass

from provisioner.actor import Actor
from provisioner.provisioning.context import Context
from provisioner.provisioning.officials import Officials
from provisioner.provisioning.sessions import SessionInfo
from provisioner.store.tables import OfficialRow


@dataclass(frozen=True, repr=False)
class SignedIn:
    """A new or further session. ``stage`` says what is still demanded: ``totp``, ``change``, ``enrol-totp``, or
    ``full``."""

    token: str
    stage: str


class Stages:
    """Decides the stage of a session."""

    def __init__(self, context: Context, officials: Officials) -> None:
        self._context = context
        self._officials = officials

    def after_password(self, row: OfficialRow) -> str:
        """After the password, and the second factor of whoever has one."""
        if row.must_change:
            return "change"
        if row.totp_confirmed_at is None and self._demands_second_factor(row):
            return "enrol-totp"
        return "full"

    def today(self, info: SessionInfo, actor: Actor) -> str:
        """A mandate that began since the sign-in may demand a second factor that nobody asked for then."""
        mandatory = self._context.settings.totp.mandatory_for
        if info.stage != "full" or not any(post in mandatory for post in actor.posts):
            return info.stage
        with self._context.store.read() as session:
            enrolled = session.get_one(OfficialRow, actor.official_id).totp_confirmed_at is not None
        return "full" if enrolled else "enrol-totp"

    def _demands_second_factor(self, row: OfficialRow) -> bool:
        """Whether one of the posts the person may act in now, own or as Plt. or Plh., must have a second factor."""
        actor = self._officials.actor(row.id)
        posts = actor.posts if actor is not None else frozenset(row.posts.split())
        return any(post in self._context.settings.totp.mandatory_for for post in posts)
