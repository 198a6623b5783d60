"""A group of commands, one of which is meant when none is named: ``provisioner backup /mnt``."""

import click


class GroupWithDefault(click.Group):
    """``default`` is the command for words that are none of the group's."""

    default = "make"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default's name in front where it was left out."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [self.default, *args]
        return super().parse_args(ctx, args)
