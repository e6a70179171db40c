"""The pages of servers and of what they count, as a signed-in owner gets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.activate import activate
from licensed import license_for
from server_double import Server


@pytest.fixture
def at(monkeypatch, now):
    """The pages' clock stands at the tests' instant; move it by calling this."""

    def set_clock(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_clock(now)
    return set_clock


@dataclass
class Visitor:
    """A browser without a browser, of one of an organization's people; the addresses are those of its pages."""

    who: Any
    client: Client = field(default_factory=Client)

    def __post_init__(self):
        user = self.who.user
        EmailAddress.objects.get_or_create(user=user, email=user.email, primary=True, verified=True)
        self.client.force_login(user)

    def url(self, name, **kwargs):
        return reverse(name, kwargs={"organization": self.who.organization.slug, **kwargs})

    def get(self, address):
        return self.client.get(address)

    def post(self, address, data=None, **named):
        return self.client.post(address, data or {}, **named)


@pytest.fixture
def sign_in(catalog, signing_keys, at):
    return Visitor


@pytest.fixture
def owner(sign_in, buyer):
    return sign_in(buyer)


@pytest.fixture
def server(owner, buyer, now):
    """A server of the buyer's, with its license, not yet activated."""
    return Server(license_for(buyer.organization, now=now), now, name="chat.brightwater.example")


@pytest.fixture
def take(now):
    def _take(server, *, at=now):
        return activate(request=server.request(), actor=system("test"), now=at).deployment

    return _take
