"""The pages of buying and having: a signed-in buyer, a provider in memory, and orders in every state."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import expect
from shopper import PATIENCE_MS, Shopper
from storefront import Site, confirm_address

from keywright_portal.accounts.models import Membership, User
from keywright_portal.kit import clock
from keywright_portal.payments import gateway as gateways
from keywright_portal.web.views import buy, payment, payment_complete, payment_methods
from simulator import simulator, simulator_process

__all__ = ["simulator", "simulator_process"]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def _a_folder_for_collected_files(tmp_path_factory):
    """Whitenoise warns where there is none; the tests serve static files from the packages."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def at_noon(monkeypatch, now):
    """The pages' clock stands at the tests' instant; move it by calling this."""

    def set_clock(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_clock(now)
    return set_clock


@pytest.fixture
def provider(monkeypatch, gateway):
    """The pages' payment provider is the one in memory."""
    for views in (buy, payment, payment_complete, payment_methods):
        monkeypatch.setattr(views, "gateway", lambda: gateway)
    return gateway


@pytest.fixture
def shop_open(catalog, signing_keys, provider, at_noon):
    """There is something to buy, and somebody to pay to."""


@pytest.fixture
def site(client, buyer, shop_open):
    confirm_address(buyer.user)
    client.force_login(buyer.user)
    return Site(client, buyer.organization)


@pytest.fixture
def site_of(buyer, shop_open):
    """The same organization's pages, for somebody with another role."""

    def _site_of(role):
        user = User.objects.create_user(f"{role}@brightwater.example", "correct horse battery", name="Bo Lund")
        Membership.objects.create(user=user, organization=buyer.organization, role=role, created_at=clock.now())
        confirm_address(user)
        client = Client()
        client.force_login(user)
        return Site(client, buyer.organization)

    return _site_of


@pytest.fixture
def bought(site, provider):
    """A finished purchase: 200 users of E20 with Premier Support."""

    def _bought(**changes):
        order = site.choose(**changes)
        assert site.start(order).status_code == 200
        intent = order.attempts.get().intent_id
        provider.pay(intent)
        assert site.get("payment-return", order_id=order.pk).status_code == 302
        order.refresh_from_db()
        assert order.state == "fulfilled"
        return order

    return _bought


# ---- In a real browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def with_simulator(simulator, settings):
    """The pages pay with the simulator, and their policy names its origin where it names the provider's."""
    provider_origins = {"https://js.stripe.com", settings.STRIPE_API_URL}
    settings.STRIPE_API_URL = simulator.origin
    settings.STRIPE_JS_URL = f"{simulator.origin}/v3/"
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {
            name: list(dict.fromkeys(simulator.origin if source in provider_origins else source for source in sources))
            for name, sources in directives.items()
        }
    }
    gateways.gateway.cache_clear()
    yield simulator
    gateways.gateway.cache_clear()


@pytest.fixture
def buyer_to_watch(buyer, catalog, signing_keys):
    """A buyer with something to buy, at the real time of day."""
    return buyer.user


@pytest.fixture
def look_at(chromium, live_server, with_simulator, buyer_to_watch):
    """A signed-in browser with a window of a width and a theme."""
    confirm_address(buyer_to_watch)
    client = Client()
    client.force_login(buyer_to_watch)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    contexts = []

    def _look_at(width=1280, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        contexts.append(context)
        return Shopper.in_new_tab(context, live_server.url)

    yield _look_at
    for context in contexts:
        context.close()


@pytest.fixture
def shopper(look_at):
    return look_at()


@pytest.fixture
def another_tab(shopper):
    """Another tab of the same browser."""
    return lambda: Shopper.in_new_tab(shopper.page.context, shopper.url)
