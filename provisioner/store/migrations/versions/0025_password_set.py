"""When a target says that the password was set which we know: a sign-in need not hash to recognise it"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.add_column("account", sa.Column("password_set", sa.String(80)))
