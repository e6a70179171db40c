"""`python -m keywright_portal`: the same as `keywright`."""

from keywright_portal.cli import main

main()
