"""The endpoints' smaller promises: what can be changed, listed, expanded and called off."""

from typing import Any

import pytest
import stripe

CARD_ONLY: Any = {"enabled": True, "allow_redirects": "never"}
ADDRESS: Any = {"line1": "Speicherweg 14", "city": "Hamburg", "postal_code": "20457", "country": "DE"}


def test_a_setup_intent_is_changed_listed_and_canceled(client: stripe.StripeClient):
    customer = client.v1.customers.create({"name": "Brightwater"})
    made = client.v1.setup_intents.create({"usage": "on_session", "payment_method_types": ["card"]})
    assert (made.status, made.usage, made.automatic_payment_methods) == ("requires_payment_method", "on_session", None)
    changed = client.v1.setup_intents.update(
        made.id,
        {
            "customer": customer.id,
            "description": "Card on file",
            "metadata": {"a": "1"},
            "payment_method": "pm_card_visa",
        },
    )
    assert (changed.status, changed.description) == ("requires_confirmation", "Card on file")
    assert [one.id for one in client.v1.setup_intents.list({"customer": customer.id}).data] == [made.id]
    canceled = client.v1.setup_intents.cancel(made.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.setup_intents.confirm(made.id)
    assert raised.value.code == "setup_intent_unexpected_state"


def test_a_setup_intent_without_a_card_is_not_confirmed(client: stripe.StripeClient):
    made = client.v1.setup_intents.create({"automatic_payment_methods": CARD_ONLY})
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.setup_intents.confirm(made.id)
    confirmed = client.v1.setup_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    assert confirmed.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        client.v1.setup_intents.confirm(made.id)


def test_a_payment_intent_is_changed_and_confirmed_with_what_it_has(client: stripe.StripeClient):
    made = client.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "EUR",
            "automatic_payment_methods": CARD_ONLY,
            "statement_descriptor_suffix": "SEATS",
        }
    )
    changed = client.v1.payment_intents.update(
        made.id,
        {
            "currency": "gbp",
            "description": "20 seats",
            "receipt_email": "ana@brightwater.example",
            "payment_method": "pm_card_visa",
            "shipping": {"name": "Ana Ferreira", "address": ADDRESS},
        },
    )
    assert (changed.status, changed.amount, changed.currency) == ("requires_confirmation", 5000, "gbp")
    paid = client.v1.payment_intents.confirm(made.id, {"expand": ["latest_charge"]})
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert (paid.status, paid.latest_charge.description) == ("succeeded", "20 seats")
    assert paid.latest_charge.shipping.address.city == "Hamburg"


def test_three_d_secure_can_be_asked_for(client: stripe.StripeClient):
    params: Any = {
        "amount": 5000,
        "currency": "eur",
        "automatic_payment_methods": CARD_ONLY,
        "payment_method": "pm_card_visa",
        "confirm": True,
        "payment_method_options": {"card": {"request_three_d_secure": "any"}},
    }
    assert client.v1.payment_intents.create(params).status == "requires_action"
    with pytest.raises(stripe.CardError) as raised:
        client.v1.payment_intents.create({**params, "error_on_requires_action": True})
    assert raised.value.code == "authentication_required"


def test_conflicting_parameters_are_refused(client: stripe.StripeClient):
    base: Any = {"amount": 5000, "currency": "eur"}
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.payment_intents.create(
            {**base, "automatic_payment_methods": CARD_ONLY, "payment_method_types": ["card"]}
        )
    assert raised.value.param == "payment_method_types"
    assert client.v1.payment_intents.list().data == []


def test_lists_are_filtered_and_expanded(client: stripe.StripeClient):
    customer = client.v1.customers.create({"email": "ana@brightwater.example"})
    params: Any = {"amount": 5000, "currency": "eur", "automatic_payment_methods": CARD_ONLY}
    own = client.v1.payment_intents.create({**params, "customer": customer.id})
    client.v1.payment_intents.create(params)
    (found,) = client.v1.payment_intents.list({"customer": customer.id, "expand": ["data.customer"]}).data
    assert isinstance(found.customer, stripe.Customer)
    assert found.id == own.id
    past, future = own.created - 100, own.created + 100
    assert len(client.v1.payment_intents.list({"created": {"gte": past, "lt": future}}).data) == 2
    assert client.v1.payment_intents.list({"created": {"gt": future}}).data == []
    assert client.v1.payment_intents.list({"created": past}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.list({"expand": ["customer"]})
    with pytest.raises(stripe.InvalidRequestError, match="4 levels"):
        client.v1.payment_intents.retrieve(own.id, {"expand": ["customer.a.b.c.d"]})


def test_the_balance_is_told(client: stripe.StripeClient):
    paid = client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "automatic_payment_methods": CARD_ONLY,
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    refund = client.v1.refunds.create({"charge": str(paid.latest_charge), "amount": 4_000})
    listed = client.v1.balance_transactions.list().data
    assert [(one.type, one.amount, one.fee, one.net) for one in listed] == [
        ("refund", -4_000, 0, -4_000),
        ("charge", 10_000, 320, 9_680),
    ]
    (one,) = client.v1.balance_transactions.list({"source": refund.id}).data
    assert client.v1.balance_transactions.retrieve(one.id).source == refund.id


def test_a_customer_has_an_address_to_ship_to_and_may_bring_a_card(client: stripe.StripeClient):
    customer = client.v1.customers.create(
        {
            "payment_method": "pm_card_visa",
            "shipping": {"name": "Ana Ferreira", "address": ADDRESS},
            "tax_exempt": "reverse",
            "preferred_locales": ["de", "en"],
        }
    )
    assert (customer.shipping.address.city, customer.tax_exempt) == ("Hamburg", "reverse")
    (saved,) = client.v1.customers.payment_methods.list(customer.id).data
    assert client.v1.customers.payment_methods.retrieve(customer.id, saved.id).card.last4 == "4242"
    cleared = client.v1.customers.update(customer.id, {"shipping": "", "tax_exempt": ""})
    assert (cleared.shipping, cleared.tax_exempt, cleared.preferred_locales) == (None, "none", ["de", "en"])
    assert [event.type for event in client.v1.events.list({"types": ["customer.updated"]}).data] == ["customer.updated"]


def test_a_refunds_and_a_disputes_notes_are_kept(client: stripe.StripeClient):
    paid = client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "automatic_payment_methods": CARD_ONLY,
            "payment_method": "pm_card_createDispute",
            "confirm": True,
        }
    )
    (dispute,) = client.v1.disputes.list({"payment_intent": paid.id}).data
    noted = client.v1.disputes.update(dispute.id, {"metadata": {"case": "7"}, "submit": False})
    assert (noted.metadata.to_dict(), noted.status) == ({"case": "7"}, "needs_response")
    other = client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "automatic_payment_methods": CARD_ONLY,
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    refund = client.v1.refunds.create({"payment_intent": other.id})
    assert client.v1.refunds.update(refund.id, {"metadata": {"note": "8"}}).metadata.to_dict() == {"note": "8"}
