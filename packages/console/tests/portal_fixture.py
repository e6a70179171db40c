"""The portal that answers, for the folders that speak to one."""

import pytest

from stand_in_portal import StandInPortal, running
from vendor import NOON


@pytest.fixture
def portal(vendor, settings):
    """A portal that answers, at the address that the console is set up with."""
    made = StandInPortal(vendor, now=NOON)
    with running(made) as address:
        settings.KEYWRIGHT_CONSOLE_PORTAL_URL = address
        yield made
