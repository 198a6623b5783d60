"""${message}"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
# True: programs that do not know this revision go on working while it runs and afterwards, which only new tables,
# new columns that may be empty or have a server default, and new indexes allow. See docs/developer.md.
beside_old = None


def upgrade() -> None:
    """Change the schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Change it back."""
    ${downgrades if downgrades else "pass"}
