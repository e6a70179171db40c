"""`python -m stripe_simulator`."""

import sys

from stripe_simulator.cli import main

sys.exit(main())
