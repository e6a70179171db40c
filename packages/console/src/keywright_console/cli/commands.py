from __future__ import annotations

import click

from keywright_console import __version__
from keywright_console.cli import PROGRAM
from keywright_console.cli.completion import completion_command
from keywright_console.cli.deployment import deployment_group
from keywright_console.cli.ldap import ldap_group
from keywright_console.cli.license import license_group
from keywright_console.cli.program import Program
from keywright_console.cli.server import migrate_command, serve_command
from keywright_console.cli.usage import usage_group
from keywright_console.cli.user import user_group
from keywright_console.cli.worker import jobs_group, worker_command

EXIT_CODES = (
    "Exit codes: 0 done, 1 refused (the reason is printed with its code), 2 misused or not configured, 3 the database, "
    "the directory, the portal or the mail server can’t be reached, 130 interrupted."
)


@click.group(
    name=PROGRAM,
    cls=Program,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(version)s")
def group() -> None:
    """The System Console of this server: its users and their directory, its license, and what it tells the vendor.

    It works on the database that KEYWRIGHT_CONSOLE_DATABASE_URL names (default: sqlite:///console.sqlite3), and
    reads licenses with the keys of KEYWRIGHT_CONSOLE_TRUSTED_KEYS for the product of KEYWRIGHT_CONSOLE_PRODUCT.
    """


group.add_command(license_group)
group.add_command(user_group)
group.add_command(ldap_group)
group.add_command(deployment_group)
group.add_command(usage_group)
group.add_command(serve_command)
group.add_command(worker_command)
group.add_command(jobs_group)
group.add_command(migrate_command)
group.add_command(completion_command)
