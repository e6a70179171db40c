"""The part of docs/console-cli.md that lists all commands, from the commands themselves.

Run as a script it writes that part anew; test_reference.py tells when that is due.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "console-cli.md"
BEGINS = "## All commands\n"


def tree(command, path=()):
    """All commands that do something, each with the words that call it."""
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from tree(command.commands[name], (*path, name))
    else:
        yield path, command


def rendered(group):
    """The part as it should be."""
    return BEGINS + "".join(section(group, path, command) for path, command in tree(group))


def section(group, path, command):
    """One command: what it is for, and its options beside --json, which every command takes."""
    context = click.Context(command, info_name=" ".join((group.name, *path)))
    arguments = [
        parameter.make_metavar(context) for parameter in command.params if isinstance(parameter, click.Argument)
    ]
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    records = [option.get_help_record(context) for option in options if "--json" not in option.opts]
    rows = [f"| `{escape(record[0])}` | {escape(record[1])} |" for record in records if record is not None]
    table = ["| option | what it does |\n|---|---|", *rows, ""] if rows else []
    return "\n".join([f"\n### {' '.join((*path, *arguments))}\n", paragraphs(command.help), *table]).rstrip("\n") + "\n"


def paragraphs(text):
    """Help as a paragraph a line."""
    return "".join(f"{' '.join(part.split())}\n\n" for part in re.split(r"\n\s*\n", text.strip())).rstrip("\n") + "\n"


def escape(text):
    return text.replace("|", "\\|")


def written():
    """The guide's own part of it, and what stands before."""
    before, begins, part = GUIDE.read_text().partition(BEGINS)
    return before, begins + part


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywright_console.config.settings")
    import django

    django.setup()
    from keywright_console.cli.commands import group

    GUIDE.write_text(written()[0] + rendered(group))
