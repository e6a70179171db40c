"""What the shell completes: commands and options by itself, and names from the database where a command takes one."""

from __future__ import annotations

from contextlib import suppress

import click
from click.shell_completion import CompletionItem, get_completion_class
from django.db import DatabaseError

from keywright_console.cli import PROGRAM
from keywright_console.cli.running import Answer, answering_bare
from keywright_console.users.models import User

VARIABLE = "_KEYWRIGHT_CONSOLE_COMPLETE"  # click reads it, by the program's name
OFFERED = 50  # names; more on one screen is no help
# Where each shell looks for it, for one person without root.
PLACES = {
    "bash": "~/.local/share/bash-completion/completions/keywright-console",
    "zsh": "~/.zfunc/_keywright-console",
    "fish": "~/.config/fish/completions/keywright-console.fish",
}


# \b keeps click from filling the lines anew.
EPILOG = "\b\n" + "\n".join(f"{shell:<5} {PROGRAM} completion {shell} > {place}" for shell, place in PLACES.items())


@click.command(name="completion", epilog=EPILOG)
@click.argument("shell", type=click.Choice([*PLACES]))
@answering_bare
def completion_command(*, shell: str) -> Answer:
    """Print the script that lets bash, zsh or fish complete commands, options and usernames.

    Write it where the shell looks for it. For zsh that folder must be in fpath.
    """
    script = script_for(shell, root=click.get_current_context().find_root().command)
    return Answer(data={"shell": shell, "place": PLACES[shell], "script": script}, lines=[script.rstrip("\n")])


def script_for(shell: str, *, root: click.Command) -> str:
    """What the shell reads; it asks this program at each Tab, so it knows commands that came later."""
    completing = get_completion_class(shell)
    if completing is None:  # only for a shell that isn't in PLACES, and those are the only choices
        raise LookupError(shell)
    return completing(root, {}, PROGRAM, VARIABLE).source()


def usernames(
    context: click.Context,  # noqa: ARG001 - click's signature
    parameter: click.Parameter,  # noqa: ARG001 - click's signature
    incomplete: str,
) -> list[CompletionItem[str]]:
    """Usernames that begin so. A database that can't be asked offers none: no message may come between two keys."""
    with suppress(DatabaseError):
        names = User.objects.filter(username__startswith=incomplete.lower()).order_by("username")
        return [CompletionItem(name) for name in names.values_list("username", flat=True)[:OFFERED]]
    return []
