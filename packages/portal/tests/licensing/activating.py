"""What tests of servers and their places share."""

from __future__ import annotations

import pytest
from django.db import transaction

from keywright_portal.catalog.models import AddOn
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.activate import activate
from server_double import Server

ACTOR = system("deployment")


@pytest.fixture
def licensed(make_term, issue):
    """The Keywright file of a subscription with Premier Support, unless `premier` is false."""

    def _licensed(*, premier=True, organization=None):
        term = make_term(organization=organization)
        if premier:
            term.add_ons.add(AddOn.objects.get(code="premier-support"))
        with transaction.atomic():  # a race's test runs in none
            return issue(term)[0]

    return _licensed


@pytest.fixture
def take(now):
    """Activate a server; the outcome."""

    def _take(server, *, at=now, **named):
        return activate(request=server.request(), license_file=server.content, actor=ACTOR, now=at, **named)

    return _take


@pytest.fixture
def server(licensed, now):
    """One for the production place."""
    return Server(licensed(), now)
