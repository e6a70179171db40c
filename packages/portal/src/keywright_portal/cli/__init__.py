"""The command line, `keywright`. A module a group; what needs Django is imported when a command runs: help is quick."""

from keywright_portal.cli.program import main

__all__ = ["main"]
