"""``provisioner audit`` over the office that the settings name."""

from provisioner.cli.audit import audit_group
from provisioner.cli.opened import opened

group = audit_group(lambda ctx: opened(ctx).provisioner.context, lambda ctx: opened(ctx).anchor_book)
