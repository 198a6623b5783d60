"""The section about cards: what people are asked to do at systems that only they can operate."""

from typing import Literal

from provisioner.settings.section import Count, Section

Work = Literal["create", "update", "suspend", "resume", "reset", "revoke", "delete"]


class CardSettings(Section):
    """How long people have for the cards of systems that only they can operate. Minutes of the office's working time,
    except for urgent cards."""

    create_minutes: Count = 120
    """To make an account there."""

    update_minutes: Count = 450
    """To change name, role, region or other data of an account there."""

    suspend_minutes: Count = 120
    """To disable an account there that is not urgent: its validity is over, or its password is being replaced."""

    resume_minutes: Count = 240
    """To enable it again."""

    reset_minutes: Count = 120
    """To set a new initial password there."""

    revoke_minutes: Count = 120
    """To disable the account of somebody who left, where that is not urgent."""

    delete_minutes: Count = 2250
    """To remove an account there after its quarantine."""

    urgent_minutes: Count = 30
    """To disable an account there that an official has suspended, or revoked for a reason of ``urgent_reasons``. By the
    clock, at night and on holidays too: the page shows the duty officer's number."""

    urgent_reasons: tuple[str, ...] = ("data_leak", "pact_breach", "lost_trust")
    """Codes of the office's reasons for revoking that are urgent."""

    evidence_for: tuple[Work, ...] = ("suspend", "revoke", "delete")
    """For these a sentence or a picture that shows it done is demanded; for the others it may be left out."""
