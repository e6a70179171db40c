"""A browser without a browser: the portal's pages, as who isn't signed in and as who is."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nothing_counted(db):
    cache.clear()


@pytest.fixture
def sign_up_form(catalog):
    """What a browser would send from the sign-up page."""
    return {
        "email": "ana.ferreira@brightwater.example",
        "name": "Ana Ferreira",
        "organization": "Brightwater Logistics GmbH",
        "country": "DE",
        "password1": "tidal-lantern-orbit",
        "privacy": "on",
        "privacy_version": "2026-01",
    }


@pytest.fixture
def confirmed(buyer, catalog):
    """The buyer, whose address is confirmed."""
    EmailAddress.objects.create(user=buyer.user, email=buyer.user.email, primary=True, verified=True)
    return buyer


@pytest.fixture
def signed_in(client, confirmed):
    """The client, with the buyer signed in."""
    client.force_login(confirmed.user)
    return client
