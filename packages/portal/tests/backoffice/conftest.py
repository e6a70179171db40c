"""A portal in which a purchase failed, was asked about and went through; and somebody of staff."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from keywright_portal.accounts.models import Membership, Organization, Role, User
from keywright_portal.accounts.selectors import actor_of
from keywright_portal.billing.models import BankTransfer, Invoice, Payment
from keywright_portal.catalog.models import Vendor
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Actor, system
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import DueJob
from keywright_portal.licensing.models import LicenseFile, Reissue, RevocationBundle, SigningKey
from keywright_portal.licensing.services.activate import activate
from keywright_portal.licensing.services.record_usage import record_usage
from keywright_portal.orders.models import Order, PaymentProblem
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.place_on_invoice import place_on_invoice
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.record_problem import record_problem
from keywright_portal.orders.services.refund import request_refund
from keywright_portal.orders.services.start_payment import BillingDetails, Completion, start_payment
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.support.models import Ticket, Topic
from server_double import Server

BILLING = BillingDetails(
    name="Brightwater Logistics GmbH",
    country="DE",
    street="Speicherweg 14",
    postal_code="20457",
    city="Hamburg",
    vat_number="",
    email="licensing@brightwater.example",
)


@pytest.fixture
def billing_details() -> BillingDetails:
    return BILLING


@dataclass(frozen=True)
class Purchase:
    """An order that was paid at the second try, and what it left behind."""

    order: Order
    problem: PaymentProblem
    ticket: Ticket
    intent_id: str


@pytest.fixture
def staff(db) -> User:
    return User.objects.create_user(
        "staff@vendor.example", "correct horse battery", name="Kim Lee", is_staff=True, staff_role="admin"
    )


@pytest.fixture
def office(staff) -> Client:
    """A browser in which somebody of staff is signed in."""
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def office_of(db):
    """A browser in which somebody of a role is signed in."""

    def _office_of(role) -> Client:
        client = Client()
        email = f"{role}@vendor.example"
        client.force_login(
            User.objects.create_user(email, "correct horse battery", name="Jo Lind", is_staff=True, staff_role=role)
        )
        return client

    return _office_of


def bring_key_rows(now) -> None:
    """What a compromise leaves behind: one bundle more, and one row for a key however often."""
    kid = SigningKey.objects.get(algorithm="Ed25519").kid
    Reissue.objects.get_or_create(kid=kid, defaults={"because": "key_compromised", "started_at": now})
    RevocationBundle.objects.create(
        series="issuing",
        product="enterprise-edition",
        number=RevocationBundle.objects.count() + 1,
        kid=kid,
        content=b"never shown",
        digest="",
        revoked_licenses=1,
        revoked_keys=0,
        issued_at=now,
    )


def bring_server(order, now) -> None:
    """A server in the place that was bought, and what it counted."""
    file = LicenseFile.objects.get(license__term__subscription_id=order.subscription_id, format="keywright")
    server = Server(file, now)
    activate(request=server.request(), actor=system("test"), now=now)
    record_usage(reports=server.report(), actor=system("test"), now=now)


@pytest.fixture
def buy(catalog, signing_keys, gateway, now):
    def _buy(by, *, seats=200) -> Purchase:
        order = choose_subscription(
            actor=by.actor,
            organization=by.organization,
            plan_code="E20",
            seats=seats,
            add_on_codes=("premier-support",),
            currency="USD",
            gateway=gateway,
            now=now,
        )
        intent = start_payment(
            actor=by.actor,
            order_id=order.pk,
            completion=Completion(
                billing=BILLING,
                purchase_order="PO-2026-1187",
                accepts_terms=True,
                save_card=True,
                amount_shown=order.gross,
            ),
            gateway=gateway,
            now=now,
        )
        gateway.decline(intent.id)
        problem = record_problem(actor=by.actor, order_id=order.pk, gateway=gateway, now=now)
        ticket = Ticket.objects.create(
            number=f"TKT-{problem.reference[4:]}",
            topic=Topic.TRANSACTION,
            organization=by.organization,
            user=by.user,
            name=by.user.name,
            email=by.user.email,
            message="My card was declined.\nWhat now?",
            quoted_reference=problem.reference,
            created_at=now,
        )
        gateway.pay(intent.id)
        ProviderEvent.objects.create(
            id=f"evt_{intent.id}", type="payment_intent.succeeded", object_id=intent.id, received_at=now
        )
        fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("webhook"), now=now)
        DueJob.objects.get_or_create(job="keywright_portal.orders.tasks.reconcile", due_at=now)
        bring_key_rows(now)
        order.refresh_from_db()
        bring_server(order, now)
        return Purchase(order, problem, ticket, intent.id)

    return _buy


@pytest.fixture
def move_money(gateway, now):
    """Of a purchase: refund a part of it and have another disputed; and book a transfer that pays nothing known."""

    def _move_money(purchase) -> Purchase:
        payment = Payment.objects.get(provider_payment_id=purchase.intent_id)
        request_refund(
            actor=system("test"),
            refund_id=uuid7(),
            payment_id=payment.pk,
            amount=Money(100_00, "USD"),
            reason="Nine users too many",
            revokes_license=False,
            gateway=gateway,
            now=now,
        )
        dispute = gateway.dispute(purchase.intent_id, amount=Money(200_00, "USD"))
        record_dispute(told=dispute, actor=system("webhook"), now=now)
        BankTransfer.objects.create(
            bank_reference=f"bank {purchase.order.number}",
            amount=5_00,
            currency="USD",
            reference_text="for the licenses",
            received_on=now.date(),
            created_at=now,
        )
        return purchase

    return _move_money


@pytest.fixture
def vendor_says(catalog):
    """Change what the vendor's catalog says: `vendor_says(full_refund_revokes=False)`."""

    def _set(**details) -> None:
        row = Vendor.objects.get()
        row.details.update(details)
        row.save()

    return _set


@pytest.fixture
def place_on_account(vendor_says, signing_keys, gateway, now):
    """Buy by invoice and bank transfer; the license comes before the money where a test doesn't say otherwise."""

    def _place(by, *, seats=10, license_before_payment=True, at=now) -> Invoice:
        vendor_says(transfer_offered=True, license_before_payment=license_before_payment)
        order = choose_subscription(
            actor=by.actor,
            organization=by.organization,
            plan_code="E10",
            seats=seats,
            add_on_codes=(),
            currency="USD",
            gateway=gateway,
            now=at,
        )
        place_on_invoice(
            actor=by.actor,
            order_id=order.pk,
            completion=Completion(
                billing=BILLING,
                purchase_order="PO-2026-1187",
                accepts_terms=True,
                save_card=False,
                amount_shown=order.gross,
            ),
            gateway=gateway,
            now=at,
        )
        return Invoice.objects.get(order_id=order.pk)

    return _place


@dataclass(frozen=True)
class Customer:
    """One more organization and its owner."""

    organization: Organization
    user: User
    actor: Actor


@pytest.fixture
def new_customer(db, now):
    def _new_customer(name) -> Customer:
        slug = name.lower().replace(" ", "-")
        organization = Organization.objects.create(slug=slug, name=name, country="DE", created_at=now)
        user = User.objects.create_user(f"owner@{slug}.example", "correct horse battery", name="Jo Park")
        Membership.objects.create(user=user, organization=organization, role=Role.OWNER, created_at=now)
        actor = actor_of(user_id=user.pk, organization_id=organization.pk, role=Role.OWNER)
        return Customer(organization, user, actor)

    return _new_customer


@pytest.fixture
def purchase(buy, buyer) -> Purchase:
    return buy(buyer)


@pytest.fixture
def used_purchase(purchase, move_money) -> Purchase:
    """A purchase after which there is a row of every kind that the back office shows."""
    return move_money(purchase)


@pytest.fixture
def bought_beside_another(buy, buyer, stranger) -> Purchase:
    """A purchase, and one of another organization that has nothing to do with it."""
    bought = buy(buyer)
    buy(stranger, seats=7)
    return bought
