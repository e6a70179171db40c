"""The pages of an organization by name, as who is signed in gets them; and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from keywright_portal.accounts.models import Organization
from keywright_portal.orders.models import Order

BILLING = {
    "name": "Brightwater Logistics GmbH",
    "country": "DE",
    "street": "Speicherweg 14",
    "postal_code": "20457",
    "city": "Hamburg",
    "vat_number": "",
    "purchase_order": "PO-2026-1187",
    "email": "licensing@brightwater.example",
    "accepts_terms": "on",
}
"""What the payment page sends, beside the sum that it shows."""
CHOICE = {"plan": "E20", "seats": "200", "add_ons": ["premier-support"]}


def confirm_address(user):
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


@dataclass
class Site:
    """A browser without a browser: the pages of the buyer's organization, by name."""

    client: Client
    organization: Organization

    def url(self, name, **kwargs):
        return reverse(name, kwargs={"organization": self.organization.slug, **kwargs})

    def get(self, name, *, query=None, headers=None, **kwargs):
        return self.client.get(self.url(name, **kwargs), query or {}, headers=headers or {})

    def post(self, name, data=None, *, headers=None, **kwargs):
        return self.client.post(self.url(name, **kwargs), data or {}, headers=headers or {})

    def choose(self, **changes):
        """Next Step, and the order that it made."""
        answer = self.post("buy", {**CHOICE, **changes})
        assert answer.status_code == 302, words(answer)
        return Order.objects.get(organization=self.organization, state="open")

    def start(self, order, **changes):
        """Complete."""
        return self.post("payment-start", {**BILLING, "amount_shown": order.gross, **changes}, order_id=order.pk)


def words(answer):
    """The page's text as a person reads it: no tags, one space between words."""
    page = answer.content.decode()
    page = re.sub(r"(?s)<(script|style|template|head|svg)\b.*?</\1>", " ", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
