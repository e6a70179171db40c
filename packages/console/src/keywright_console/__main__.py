"""`python -m keywright_console` is `keywright-console`."""

from keywright_console.cli import main

main()
