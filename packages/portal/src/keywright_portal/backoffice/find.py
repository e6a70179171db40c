"""What happened under something that somebody quotes, in one line of time, and what it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from keywright_portal.accounts.models import Organization, User
from keywright_portal.backoffice.moments import Moment, Thing, told_by_rows
from keywright_portal.backoffice.scope import MOST_OF_A_KIND, Scope, scope_of
from keywright_portal.billing.models import BankTransfer, CreditNote, Invoice
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import Order
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.subscriptions.models import Subscription
from keywright_portal.support.models import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, the oldest first. `is_cut` says that of some kind there may be more than is shown;
    `is_partly` that some of it is not for the reader's role.
    """

    things: tuple[Thing, ...]
    moments: tuple[Moment, ...]
    is_cut: bool
    is_partly: bool = False

    def of(self, models: Collection[type[Model]]) -> Found:
        """That of it which is of `models`."""
        things = tuple(thing for thing in self.things if thing.model in models)
        moments = tuple(moment for moment in self.moments if moment.model in models)
        is_partly = (things, moments) != (self.things, self.moments)
        return replace(self, things=things, moments=moments, is_partly=is_partly)


def look_up(text: str) -> Found:
    """Everything that is known under `text`; empty where nothing is. A fixed number of queries."""
    scope = scope_of(text)
    if scope is None:
        return Found(things=(), moments=(), is_cut=False)
    audit = _audit_rows(scope)
    mails = _mails(scope)
    events = tuple(
        ProviderEvent.objects.filter(object_id__in=scope.object_ids).order_by("-received_at")[:MOST_OF_A_KIND]
    )
    moments = [*_audited(audit), *told_by_rows(scope), *_mailed(mails), *_told_by_provider(events)]
    of_orders = (scope.orders, scope.problems, scope.attempts, scope.files, scope.tickets)
    of_money = (scope.transfers, scope.refunds, scope.credit_notes)
    kinds = (audit, mails, events, *of_orders, *of_money)
    return Found(
        things=tuple(_things(scope)),
        moments=tuple(sorted(moments, key=lambda moment: moment.at)),
        is_cut=any(len(rows) >= MOST_OF_A_KIND for rows in kinds),
    )


def _things(scope: Scope) -> Iterator[Thing]:
    for organization in scope.organizations:
        yield Thing(kind=_("Organization"), name=organization.name, model=Organization, key=organization.pk)
    for user in scope.users:
        yield Thing(kind=_("User"), name=user.email, model=User, key=user.pk)
    for order in scope.orders:
        yield Thing(kind=_("Order"), name=order.number, model=Order, key=order.pk)
    for invoice in scope.invoices:
        yield Thing(kind=_("Invoice"), name=invoice.number, model=Invoice, key=invoice.pk)
    for note in scope.credit_notes:
        yield Thing(kind=_("Credit note"), name=note.number, model=CreditNote, key=note.pk)
    for transfer in scope.transfers:
        yield Thing(kind=_("Bank transfer"), name=transfer.bank_reference, model=BankTransfer, key=transfer.pk)
    for subscription in scope.subscriptions:
        name = subscription.label or str(subscription.pk)
        yield Thing(kind=_("Subscription"), name=name, model=Subscription, key=subscription.pk)
    for file in scope.files:
        yield Thing(kind=_("License file"), name=file.name, model=LicenseFile, key=file.pk)
    for ticket in scope.tickets:
        yield Thing(kind=_("Ticket"), name=ticket.number, model=Ticket, key=ticket.pk)


def _audit_rows(scope: Scope) -> tuple[AuditEntry, ...]:
    rows = AuditEntry.objects.filter(
        Q(subject_id__in=scope.subject_ids())
        | Q(reference__in=scope.references())
        | Q(actor_user_id__in=[user.pk for user in scope.users])
        | Q(organization_id__in=[organization.pk for organization in scope.organizations])
    )
    return tuple(rows.order_by("-at", "-pk")[:MOST_OF_A_KIND])


def _audited(rows: tuple[AuditEntry, ...]) -> Iterator[Moment]:
    emails = dict(
        User.objects.filter(pk__in={row.actor_user_id for row in rows if row.actor_user_id}).values_list("pk", "email")
    )
    # The oldest first: keys grow with time, so that what was done in one instant stands in the order of doing.
    for row in reversed(rows):
        after = row.after or {}
        state = after.get("state") or after.get("mark")
        yield Moment(
            at=row.at,
            kind=_("Audit trail"),
            what=row.action,
            detail=" · ".join(str(part) for part in (row.subject_type, state, row.reference) if part),
            by=emails.get(row.actor_user_id, str(row.actor_user_id)) if row.actor_user_id else row.actor_name,
            model=AuditEntry,
            key=row.pk,
        )


def _mails(scope: Scope) -> tuple[OutboxMail, ...]:
    """Mails that the rows caused, and those to the people and organizations themselves."""
    matching = Q(organization_id__in=[organization.pk for organization in scope.organizations]) | Q(
        to__iexact=scope.asked
    )
    matching |= Q(key__in=[f"problem:{problem.reference}" for problem in scope.problems])
    causes: tuple[tuple[str, tuple[Model, ...]], ...] = (
        ("order", scope.orders),
        ("ticket", scope.tickets),
        ("invoice", scope.invoices),
        ("transfer", scope.transfers),
        ("refund", scope.refunds),
        ("dispute", scope.disputes),
    )
    for prefix, rows in causes:
        for row in rows:
            matching |= Q(key__startswith=f"{prefix}:{row.pk}:")
    return tuple(
        OutboxMail.objects.filter(matching).defer("text", "html").order_by("-created_at", "-pk")[:MOST_OF_A_KIND]
    )


def _mailed(rows: tuple[OutboxMail, ...]) -> Iterator[Moment]:
    for mail in rows:
        yield Moment(
            at=mail.created_at,
            kind=_("Mail"),
            what=mail.subject,
            detail=_("to %(address)s") % {"address": mail.to}
            if mail.sent_at
            else _("to %(address)s, not sent yet") % {"address": mail.to},
            model=OutboxMail,
            key=mail.pk,
        )


def _told_by_provider(rows: tuple[ProviderEvent, ...]) -> Iterator[Moment]:
    for event in rows:
        yield Moment(
            at=event.received_at,
            kind=_("Payment provider"),
            what=event.type,
            detail=event.object_id
            if event.handled_at
            else _("%(object)s, not handled yet") % {"object": event.object_id},
            model=ProviderEvent,
            key=event.pk,
        )
