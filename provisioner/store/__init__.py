"""Where the office's state lives: SQLAlchemy tables, units of work, migrations."""

from provisioner.store.database import Store

__all__ = ["Store"]
