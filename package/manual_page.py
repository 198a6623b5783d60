"""Writes the manual page provisioner(8) from what the command itself says in its ``--help``."""

import sys
from collections.abc import Iterator

import click

from provisioner.cli import main
from provisioner.release import release


def _plain(text: str) -> str:
    """Text as roff takes it literally."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in lines)


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            each = command.get_command(context, name)
            if each is not None and not each.hidden:
                yield from _commands(each, click.Context(each, parent=context, info_name=name))
    else:
        yield context.command_path, command


def page() -> str:
    """The whole page."""
    parts = [
        f'.TH PROVISIONER 8 "" "siak-provisioner {release()}"',
        ".SH NAME\nprovisioner \\- " + _plain((main.help or "").splitlines()[0]),
        ".SH SYNOPSIS\n.B provisioner\n[\\-\\-config FILE] COMMAND ...",
        ".SH DESCRIPTION\nTyped by root it works as the user siak\\-provisioner. Every command has \\-\\-help.",
        ".SH COMMANDS",
    ]
    for path, command in _commands(main, click.Context(main, info_name="provisioner")):
        parts.append(f".SS {_plain(path)}\n{_plain(' '.join((command.help or '').split()))}")
        for each in command.params:
            record = each.get_help_record(click.Context(command))
            if record and record[0] != "-h, --help":
                parts.append(f".TP\n.B {_plain(record[0])}\n{_plain(' '.join(record[1].split()))}")
    parts += [
        ".SH EXIT STATUS\n0 done, 1 refused or something found wrong, 2 wrong words, 3 a file or setting is wrong.",
        ".SH FILES\n.TP\n.I /etc/siak\\-provisioner/provisioner.toml\nThe settings.\n.TP\n"
        ".I /etc/siak\\-provisioner/office/\nThe office, its procedure, its letters.\n.TP\n"
        ".I /etc/siak\\-provisioner/credentials/\nKeys and passwords.\n.TP\n"
        ".I /var/lib/siak\\-provisioner/\nWhat the service writes.",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
