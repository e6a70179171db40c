"""Orders, the attempts to pay them, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.accounts.models import User
from keywright_portal.backoffice.links import find_url, link, list_url
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.pages.customers import organization_link
from keywright_portal.backoffice.showing import Table, code, column, table
from keywright_portal.billing.models import Invoice
from keywright_portal.catalog.models import Coupon, Plan
from keywright_portal.domain.money import Money
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import Order, PaymentAttempt, PaymentProblem
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.subscriptions.models import Subscription
from keywright_portal.support.models import Ticket

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def order_link(row: PaymentAttempt | PaymentProblem) -> SafeString | str:
    return link(Order, row.order_id, row.order.number)


def order_organization(row: PaymentAttempt | PaymentProblem) -> SafeString | str:
    return organization_link(row.order)


def _plan(row: Order) -> SafeString | str:
    return link(Plan, row.plan_id, row.plan.name)


def _placed_by(row: Order) -> SafeString | str:
    return link(User, row.placed_by_id, row.placed_by.email if row.placed_by is not None else "")


def _subscription(row: Order) -> SafeString | str:
    return link(Subscription, row.subscription_id, row.subscription_id)


def _price_per_user(row: Order) -> Money:
    return Money(row.price_per_user, row.currency)


def _net(row: Order) -> Money:
    return Money(row.net, row.currency)


def _tax(row: Order) -> Money:
    return Money(row.tax, row.currency)


def _coupon(row: Order) -> SafeString | str:
    return link(Coupon, row.coupon_id, row.coupon.code if row.coupon is not None else "")


def _discount(row: Order) -> Money:
    return Money(row.discount, row.currency)


def _way(row: Order) -> str:
    return str(row.get_payment_way_display())


def _state(row: Order) -> str:
    return str(row.get_state_display())


class OrderPage(Page[Order]):
    name = _l("Order")
    name_plural = _l("Orders")
    group = Group.ORDERS
    related = ("organization", "plan", "placed_by", "coupon")
    list_display = (
        column(_l("Number"), "number", order="number"),
        column(_l("Organization"), organization_link, order="organization__name"),
        column(_l("State"), _state, order="state"),
        column(_l("Plan"), _plan, order="plan__name"),
        column(_l("Users"), "seats", order="seats"),
        column(_l("Total"), "total", order="gross"),
        column(_l("Begun"), "created_at", order="created_at"),
        column(_l("Fulfilled"), "fulfilled_at", order="fulfilled_at"),
    )
    facts = (
        *list_display,
        column(_l("Price per user"), _price_per_user),
        column(_l("Coupon"), _coupon),
        column(_l("Taken off"), _discount),
        column(_l("Net"), _net),
        column(_l("Tax"), _tax),
        column(_l("Paid by"), _way),
        column(_l("Invoiced"), "invoiced_at"),
        column(_l("Paid"), "paid_at"),
        column(_l("Begun by"), _placed_by),
        column(_l("Purchase order"), "purchase_order"),
        column(_l("Billed to"), "buyer"),
        column(_l("Terms agreed to"), "terms_version"),
        column(_l("Agreed at"), "terms_accepted_at"),
        column(_l("Last changed"), "updated_at"),
        column(_l("Subscription"), _subscription),
        column(_l("Id"), "pk"),
    )
    list_filter = ("state",)
    search_fields = ("number", "organization__name", "organization__slug", "attempts__intent_id", "problems__reference")
    ordering = ("-created_at", "-pk")

    def caption(self, row: Order) -> str:
        return row.number

    def tables(self, row: Order) -> Sequence[Table]:
        lines = row.lines.all()
        invoices = Invoice.objects.filter(order_id=row.pk).defer("pdf")
        files: Sequence[LicenseFile] = ()
        if row.subscription_id is not None:
            of_subscription = LicenseFile.objects.filter(license__term__subscription_id=row.subscription_id)
            files = list(of_subscription.defer("content").order_by("-issued_at", "position"))
        return (
            table(
                _("Lines"),
                (_("Item"), _("Quantity"), _("Each"), _("Taken off"), _("Net"), _("Tax"), _("Gross")),
                [
                    (
                        line.name,
                        line.quantity,
                        *(
                            Money(amount, row.currency)
                            for amount in (line.unit_amount, line.discount, line.net, line.tax, line.gross)
                        ),
                    )
                    for line in lines
                ],
            ),
            table(
                _("Attempts to pay"),
                (_("Attempt"), _("Payment at the provider"), _("Amount"), _("Begun"), _("Closed")),
                [
                    (
                        link(PaymentAttempt, one.pk, one.number),
                        code(one.intent_id),
                        Money(one.amount, one.currency),
                        one.created_at,
                        one.closed_at,
                    )
                    for one in row.attempts.all()
                ],
            ),
            table(
                _("Problems"),
                (_("Reference"), _("What"), _("Said by the provider"), _("At")),
                [
                    (link(PaymentProblem, one.pk, one.reference), code(one.code), one.provider_message, one.occurred_at)
                    for one in row.problems.all()
                ],
            ),
            table(
                _("Invoice"),
                (_("Number"), _("Total"), _("Issued"), _("Paid")),
                [(link(Invoice, one.pk, one.number), one.total, one.issued_at, one.paid_at) for one in invoices],
            ),
            table(
                _("License files of its subscription"),
                (_("File"), _("Format"), _("Users"), _("Issued"), _("Superseded")),
                [
                    (link(LicenseFile, one.pk, one.name), one.format, one.seats, one.issued_at, one.superseded_at)
                    for one in files
                ],
            ),
        )

    def ways_on(self, row: Order) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_("What happened"), find_url(row.number)),)


class PaymentProblemPage(Page[PaymentProblem]):
    name = _l("Payment problem")
    name_plural = _l("Payment problems")
    group = Group.ORDERS
    related = ("order__organization",)
    id_fields = ("order_id",)
    list_display = (
        column(_l("Reference"), "reference", order="reference"),
        column(_l("At"), "occurred_at", order="occurred_at"),
        column(_l("What"), "code", order="code"),
        column(_l("Said by the provider"), "provider_message"),
        column(_l("Order"), order_link, order="order__number"),
        column(_l("Organization"), order_organization, order="order__organization__name"),
    )
    facts = list_display
    search_fields = ("reference", "code", "order__number", "order__organization__name")
    ordering = ("-occurred_at", "-pk")

    def tables(self, row: PaymentProblem) -> Sequence[Table]:
        tickets = Ticket.objects.filter(quoted_reference__iexact=row.reference)
        return (
            table(
                _("Tickets that quote it"),
                (_("Number"), _("Topic"), _("From"), _("Written")),
                [
                    (link(Ticket, one.pk, one.number), one.get_topic_display(), one.email, one.created_at)
                    for one in tickets
                ],
            ),
        )


def _amount(row: PaymentAttempt) -> Money:
    return Money(row.amount, row.currency)


def _intent(row: PaymentAttempt) -> SafeString | str:
    return code(row.intent_id)


class PaymentAttemptPage(Page[PaymentAttempt]):
    name = _l("Attempt to pay")
    name_plural = _l("Attempts to pay")
    group = Group.ORDERS
    related = ("order__organization",)
    id_fields = ("pk", "order_id")
    list_display = (
        column(_l("Payment at the provider"), _intent, order="intent_id"),
        column(_l("Order"), order_link, order="order__number"),
        column(_l("Organization"), order_organization, order="order__organization__name"),
        column(_l("Attempt"), "number", order="number"),
        column(_l("Amount"), _amount, order="amount"),
        column(_l("Begun"), "created_at", order="created_at"),
        column(_l("Closed"), "closed_at", order="closed_at"),
    )
    facts = (*list_display, column(_l("Keeps the card"), "save_card"), column(_l("Id"), "pk"))
    search_fields = ("intent_id", "order__number", "order__organization__name")
    ordering = ("-created_at", "-pk")

    def caption(self, row: PaymentAttempt) -> str:
        return _("%(order)s, attempt %(number)s") % {"order": row.order.number, "number": row.number}

    def tables(self, row: PaymentAttempt) -> Sequence[Table]:
        events = ProviderEvent.objects.filter(object_id=row.intent_id) if row.intent_id else ()
        return (
            table(
                _("What the provider told"),
                (_("Event"), _("Type"), _("Received"), _("Handled")),
                [
                    (link(ProviderEvent, one.pk, one.pk), code(one.type), one.received_at, one.handled_at)
                    for one in events
                ],
            ),
        )

    def ways_on(self, row: PaymentAttempt) -> Sequence[tuple[_StrOrPromise, str]]:
        return (
            (_("What happened"), find_url(row.order.number)),
            (_("Events of this payment"), list_url(ProviderEvent, q=row.intent_id or "")),
        )
