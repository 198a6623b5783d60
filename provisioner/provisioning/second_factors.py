"""The second factor of officials: six digits from an authenticator application."""

from provisioner import totp
from provisioner.audit import Subjects
from provisioner.errors import AuthenticationFailed, NotFound
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import in_trail
from provisioner.provisioning.official_stages import SignedIn, Stages
from provisioner.provisioning.sessions import SessionInfo, Sessions
from provisioner.store.tables import OfficialRow

_PURPOSE = "totp"


class SecondFactors:
    """Sets a second factor up, and checks its codes."""

    def __init__(self, context: Context, sessions: Sessions, stages: Stages) -> None:
        self._context = context
        self._sessions = sessions
        self._stages = stages

    def begin(self, info: SessionInfo) -> tuple[str, str]:
        """A new secret for an authenticator application; gives (its text, the address for a QR code).

        It counts only once :meth:`confirm` saw a code made with it.
        """
        secret = totp.new_secret()
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, info.subject_id)
            if row.totp_confirmed_at is not None:
                raise NotFound("second-factor-exists")
            row.totp_secret = self._context.keyring.seal(_PURPOSE, secret)
            issuer = self._context.settings.totp.issuer or self._context.office.short_name
            return totp.secret_text(secret), totp.provisioning_uri(secret, row.username, issuer)

    def confirm(self, info: SessionInfo, code: str) -> SignedIn:
        """The first code made with the new secret: from now on it is demanded.

        :raises AuthenticationFailed: the code is wrong.
        """
        if not self.use_code(info.subject_id, code, confirmed=False):
            raise AuthenticationFailed("wrong-second-factor")
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, info.subject_id)
            row.totp_confirmed_at = self._context.clock()
            stage = self._stages.after_password(row)
            token = self._sessions.advance(session, info.id, stage)
            self._context.trail.record(
                session,
                "second-factor-enrolled",
                actor=in_trail(self._context, row),
                subjects=Subjects(official=row.id),
                official=row.username,
                method="totp",
            )
            return SignedIn(token, stage)

    def is_set_up(self, info: SessionInfo) -> bool:
        """Whether this person's second factor is set up."""
        with self._context.store.read() as session:
            return session.get_one(OfficialRow, info.subject_id).totp_confirmed_at is not None

    def use_code(self, official_id: str, code: str, *, confirmed: bool = True) -> bool:
        """Whether ``code`` is right; a code works once."""
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, official_id)
            if row.totp_secret is None or (row.totp_confirmed_at is not None) is not confirmed:
                return False
            secret = self._context.keyring.open(_PURPOSE, row.totp_secret)
            step = totp.verify(secret, code.strip(), self._context.clock(), row.totp_last_step)
            if step is None:
                return False
            row.totp_last_step = step
            return True
