"""The command line: what the pages do, for scripts and for servers without a browser."""

from __future__ import annotations

import os
import sys

PROGRAM = "keywright-console"


def main() -> None:
    """The entry point of `keywright-console`. Django starts first, since the commands' imports need its models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywright_console.config.settings")
    import django  # noqa: PLC0415 - the settings' name must stand before

    try:
        django.setup()
    except ValueError as error:  # dj_database_url: a URL of no database that it knows; or a number that is none
        from keywright_console.cli.program import Exit, say_error  # noqa: PLC0415 - only where the start fails

        named = str(error).startswith("KEYWRIGHT_")  # one of ours says itself which variable it is about
        sentence = str(error) if named else f"KEYWRIGHT_CONSOLE_DATABASE_URL can’t be used: {error}"
        say_error("not_configured", sentence, as_json="--json" in sys.argv)
        sys.exit(Exit.MISUSED)
    from keywright_console.cli.commands import group  # noqa: PLC0415 - models can be imported only now

    group(prog_name=PROGRAM)
