"""Cards that are kept: saved with a payment or by a SetupIntent, charged without their holder, taken away."""

from typing import Any

import pytest
import stripe

from simulator import SimulatorProcess

CARD_ONLY: Any = {"enabled": True, "allow_redirects": "never"}


@pytest.fixture
def customer(client: stripe.StripeClient) -> stripe.Customer:
    return client.v1.customers.create({"email": "ana@brightwater.example", "metadata": {"organization": "7"}})


def set_up(client: stripe.StripeClient, customer: stripe.Customer, token: str) -> stripe.SetupIntent:
    return client.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": token,
            "confirm": True,
            "automatic_payment_methods": CARD_ONLY,
        }
    )


def charge_absent(client: stripe.StripeClient, customer: stripe.Customer, method: str) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": 9900,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": method,
            "off_session": True,
            "confirm": True,
            "automatic_payment_methods": CARD_ONLY,
        }
    )


@pytest.mark.parametrize(
    ("token", "is_challenged"),
    [
        ("pm_card_visa", False),
        ("pm_card_authenticationRequiredOnSetup", True),
        ("pm_card_authenticationRequiredSetupForOffSession", True),
    ],
)
def test_a_card_that_was_set_up_works_without_its_holder(
    client: stripe.StripeClient,
    simulator: SimulatorProcess,
    customer: stripe.Customer,
    token: str,
    is_challenged: bool,
):
    intent = set_up(client, customer, token)
    if is_challenged:
        assert intent.status == "requires_action"
        assert simulator.authenticate(str(intent.client_secret))["status"] == "succeeded"
    kept = client.v1.setup_intents.retrieve(intent.id, {"expand": ["latest_attempt"]})
    assert (kept.status, kept.usage) == ("succeeded", "off_session")
    assert isinstance(kept.latest_attempt, stripe.SetupAttempt)
    (saved,) = client.v1.customers.payment_methods.list(customer.id).data
    assert (saved.id, saved.customer) == (kept.payment_method, customer.id)
    assert charge_absent(client, customer, saved.id).status == "succeeded"


def test_a_card_that_always_asks_is_refused_without_its_holder(
    client: stripe.StripeClient, simulator: SimulatorProcess, customer: stripe.Customer
):
    intent = set_up(client, customer, "pm_card_authenticationRequired")
    simulator.authenticate(str(intent.client_secret))
    (saved,) = client.v1.payment_methods.list({"customer": customer.id}).data
    with pytest.raises(stripe.CardError) as raised:
        charge_absent(client, customer, saved.id)
    body = raised.value.json_body["error"]
    assert (raised.value.http_status, raised.value.code) == (402, "authentication_required")
    assert body["decline_code"] == "authentication_required"
    assert body["payment_method"]["id"] == saved.id
    failed = client.v1.payment_intents.retrieve(body["payment_intent"]["id"])
    assert failed.status == "requires_payment_method"
    present = client.v1.payment_intents.confirm(failed.id, {"payment_method": saved.id})
    assert present.status == "requires_action"
    assert simulator.authenticate(str(present.client_secret))["status"] == "succeeded"


def test_a_card_saved_with_a_payment_works_without_its_holder(
    client: stripe.StripeClient, simulator: SimulatorProcess, customer: stripe.Customer
):
    intent = client.v1.payment_intents.create(
        {
            "amount": 9900,
            "currency": "usd",
            "customer": customer.id,
            "setup_future_usage": "off_session",
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "automatic_payment_methods": CARD_ONLY,
        }
    )
    assert client.v1.payment_methods.list({"customer": customer.id}).data == []
    simulator.authenticate(str(intent.client_secret))
    (saved,) = client.v1.payment_methods.list({"customer": customer.id}).data
    assert charge_absent(client, customer, saved.id).status == "succeeded"


def test_a_card_that_was_only_attached_is_not_set_up(client: stripe.StripeClient, customer: stripe.Customer):
    saved = client.v1.payment_methods.attach("pm_card_authenticationRequiredOnSetup", {"customer": customer.id})
    with pytest.raises(stripe.CardError) as raised:
        charge_absent(client, customer, saved.id)
    assert raised.value.code == "authentication_required"


def test_the_card_that_attaches_and_then_fails(client: stripe.StripeClient, customer: stripe.Customer):
    assert set_up(client, customer, "pm_card_chargeCustomerFail").status == "succeeded"
    (saved,) = client.v1.payment_methods.list({"customer": customer.id}).data
    with pytest.raises(stripe.CardError) as raised:
        charge_absent(client, customer, saved.id)
    assert raised.value.code == "card_declined"


def test_a_declined_card_is_not_saved(client: stripe.StripeClient, customer: stripe.Customer):
    with pytest.raises(stripe.CardError) as raised:
        set_up(client, customer, "pm_card_visa_chargeDeclined")
    failed = client.v1.setup_intents.retrieve(raised.value.json_body["error"]["setup_intent"]["id"])
    assert (failed.status, failed.last_setup_error.code) == ("requires_payment_method", "card_declined")
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
    assert client.v1.payment_methods.list({"customer": customer.id}).data == []


def test_a_failed_challenge_saves_nothing(
    client: stripe.StripeClient, simulator: SimulatorProcess, customer: stripe.Customer
):
    intent = set_up(client, customer, "pm_card_authenticationRequired")
    assert simulator.authenticate(str(intent.client_secret), "fail")["status"] == "requires_payment_method"
    failed = client.v1.setup_intents.retrieve(intent.id)
    assert failed.last_setup_error.code == "setup_intent_authentication_failure"
    assert client.v1.payment_methods.list({"customer": customer.id}).data == []


def test_the_default_card_is_one_of_the_customers_and_goes_with_it(
    client: stripe.StripeClient, customer: stripe.Customer
):
    saved = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    foreign = client.v1.payment_methods.retrieve("pm_card_mastercard")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": foreign.id}})
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": saved.id}})
    expand: Any = {"expand": ["invoice_settings.default_payment_method"]}
    kept = client.v1.customers.retrieve(customer.id, expand)
    assert isinstance(kept.invoice_settings.default_payment_method, stripe.PaymentMethod)
    client.v1.payment_methods.detach(saved.id)
    assert client.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        charge_absent(client, customer, saved.id)


def test_a_card_of_another_customer_is_refused(client: stripe.StripeClient, customer: stripe.Customer):
    saved = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    other = client.v1.customers.create({"name": "Other"})
    with pytest.raises(stripe.InvalidRequestError):
        charge_absent(client, other, saved.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_methods.attach(saved.id, {"customer": other.id})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.payment_methods.retrieve(other.id, saved.id)
    assert client.v1.payment_methods.retrieve(saved.id).customer == customer.id


def test_a_customers_fields_are_kept_changed_and_cleared(client: stripe.StripeClient, customer: stripe.Customer):
    client.v1.customers.update(
        customer.id,
        {
            "name": "Brightwater Logistics GmbH",
            "address": {"line1": "Speicherweg 14", "city": "Hamburg", "country": "DE"},
            "metadata": {"vat": "DE123456788"},
        },
    )
    kept = client.v1.customers.retrieve(customer.id)
    assert (kept.name, kept.address.city, kept.address.line2) == ("Brightwater Logistics GmbH", "Hamburg", None)
    assert kept.metadata.to_dict() == {"organization": "7", "vat": "DE123456788"}
    cleared = client.v1.customers.update(customer.id, {"name": "", "metadata": {"organization": ""}})
    assert (cleared.name, cleared.metadata.to_dict()) == (None, {"vat": "DE123456788"})
    assert [one.id for one in client.v1.customers.list({"email": "ana@brightwater.example"}).data] == [customer.id]
