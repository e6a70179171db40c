"""The header, the footer and the cards are rendered once and remembered: never with somebody else's, or yesterday's."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.test import Client

from keywright_portal.accounts.models import Membership, Organization, Role, User
from keywright_portal.kit import clock


@pytest.fixture(autouse=True)
def _nothing_remembered():
    caches["template_fragments"].clear()


@pytest.fixture
def colleague(confirmed):
    """Another member of the same organization."""
    user = User.objects.create_user("ben@brightwater.example", "tidal-lantern-orbit", name="Ben Okafor")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    Membership.objects.create(user=user, organization=confirmed.organization, role=Role.MEMBER, created_at=clock.now())
    return user


@pytest.fixture(params=["", "subscriptions/"], ids=["parts", "whole"])
def page(request, confirmed):
    """A page whose parts are remembered, and one that is as a whole."""
    return f"/o/{confirmed.organization.slug}/{request.param}"


def shown(client, page: str) -> str:
    return client.get(page).content.decode()


def test_a_second_view_shows_the_same_page(signed_in, page):
    first, second = shown(signed_in, page), shown(signed_in, page)

    assert len(first) == len(second)
    assert first.split('name="csrfmiddlewaretoken"')[0] == second.split('name="csrfmiddlewaretoken"')[0]


def test_each_person_sees_the_own_name(client, confirmed, colleague, page):
    for user in (confirmed.user, colleague, confirmed.user):
        client.force_login(user)
        other = colleague if user == confirmed.user else confirmed.user
        text = shown(client, page)
        assert f'<span class="kw-name">{user.name}</span>' in text
        assert other.name not in text.split("<main")[0]


def test_what_changed_is_shown_at_once(signed_in, confirmed, page):
    before = shown(signed_in, page)
    User.objects.update(name="Ana Maria Ferreira")
    Organization.objects.update(name="Brightwater Holding")
    after = shown(signed_in, page)

    assert "Ana Maria Ferreira" not in before
    assert '<span class="kw-name">Ana Maria Ferreira</span>' in after
    assert "Brightwater Holding" in after.split("<footer")[1]


def test_who_logged_out_sees_no_name(signed_in, confirmed):
    shown(signed_in, "/help/")
    signed_in.logout()
    text = shown(signed_in, "/help/")

    assert confirmed.user.name not in text
    assert 'href="/log-in/">Log in</a>' in text


def test_a_message_is_shown_once(signed_in, confirmed, page):
    quiet = shown(signed_in, page)
    signed_in.post(f"/o/{confirmed.organization.slug}/buy/discard/")
    told, again = shown(signed_in, page), shown(signed_in, page)

    sentence = "There is no unfinished order."
    assert [sentence in text for text in (quiet, told, again)] == [False, True, False]


def test_logging_out_takes_the_token_of_the_page(confirmed, page):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(confirmed.user)
    shown(careful, page)
    text = shown(careful, page)
    token = text.split('<form id="kw-post"')[1].split('value="')[1].split('"')[0]

    assert '<button type="submit" form="kw-post" formaction="/log-out/">Log out</button>' in text
    assert careful.post("/log-out/").status_code == 403
    assert careful.post("/log-out/", {"csrfmiddlewaretoken": token}).status_code == 302
