"""`keywright-license`: the one place of this package that reads files, the clock and passphrases. It needs no network.

`verify` for whoever has a license file; `root` and `bundle` for the vendor, on a machine that is kept offline.
"""

from keywright_license.cli.command_line import main

__all__ = ["main"]
