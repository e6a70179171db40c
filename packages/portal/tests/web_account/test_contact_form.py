from __future__ import annotations

import pytest

from keywright_portal.kit.models import OutboxMail
from keywright_portal.support.models import Ticket

pytestmark = pytest.mark.django_db

WRITTEN = {
    "topic": "billing",
    "name": "Bo Visitor",
    "email": "bo@visitor.example",
    "message": "Can we pay by transfer?",
    "reference": "",
}


def test_a_link_brings_topic_and_reference_along(client, catalog):
    form = client.get("/support/?topic=renewal&reference=PAY-ABCD-EFGH").context["form"]

    assert (form["topic"].value(), form["reference"].value()) == ("renewal", "PAY-ABCD-EFGH")


@pytest.mark.parametrize("query", ["topic=nonsense&reference=<script>", "topic=&reference=" + "A" * 41])
def test_a_link_that_brings_nonsense_brings_nothing(client, catalog, query):
    form = client.get(f"/support/?{query}").context["form"]

    assert (form["topic"].value(), form["reference"].value()) == ("", "")


def test_who_is_signed_in_finds_name_address_and_organization(signed_in, confirmed):
    page = signed_in.get("/support/")

    assert (page.context["form"]["name"].value(), page.context["form"]["email"].value()) == (
        "Ana Ferreira",
        confirmed.user.email,
    )
    assert "Brightwater Logistics" in page.content.decode()


def test_a_ticket_is_opened_and_its_number_shown(client, catalog):
    answer = client.post("/support/", WRITTEN | {"reference": "PAY-ABCD-EFGH"})

    assert answer["Location"] == "/support/sent/"
    ticket = Ticket.objects.get()
    assert (ticket.topic, ticket.email, ticket.quoted_reference, ticket.user, ticket.organization) == (
        "billing",
        "bo@visitor.example",
        "PAY-ABCD-EFGH",
        None,
        None,
    )
    assert ticket.number in client.get("/support/sent/").content.decode()
    assert OutboxMail.objects.count() == 2


def test_the_ticket_of_who_is_signed_in_is_the_organizations(signed_in, confirmed):
    signed_in.post("/support/", WRITTEN)

    ticket = Ticket.objects.get()
    assert (ticket.user, ticket.organization) == (confirmed.user, confirmed.organization)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("topic", "", "Choose what it is about."),
        ("name", "", "Enter your name."),
        ("email", "nobody", "Enter a valid email address."),
        ("message", "", "Say in a few words what it is about."),
        ("message", "x" * 5_001, "Ensure this value has at most 5000 characters (it has 5001)."),
        ("reference", "a b", "A reference has letters, digits and hyphens. Copy it as it is shown."),
    ],
)
def test_a_field_says_what_is_wrong_and_nothing_is_kept(client, catalog, field, value, error):
    page = client.post("/support/", WRITTEN | {field: value})

    assert page.context["form"].errors[field] == [error]
    assert (Ticket.objects.count(), OutboxMail.objects.count()) == (0, 0)


def test_who_writes_too_often_is_told_and_keeps_what_was_typed(client, catalog):
    for _ in range(5):
        client.post("/support/", WRITTEN)

    page = client.post("/support/", WRITTEN)

    assert page.status_code == 429
    assert "Wait a little, or write to support@example-software.example." in page.content.decode()
    assert "Can we pay by transfer?" in page.content.decode()
    assert Ticket.objects.count() == 5


def test_the_confirmation_is_only_for_who_wrote(client, catalog):
    assert client.get("/support/sent/")["Location"] == "/support/"
