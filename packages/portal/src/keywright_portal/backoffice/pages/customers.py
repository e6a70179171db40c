"""Organizations and the people in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.accounts.models import Membership, Organization, PolicyAgreement, User
from keywright_portal.backoffice.links import find_url, link, list_url
from keywright_portal.backoffice.page import NEWEST, Group, Page
from keywright_portal.backoffice.showing import Table, column, license_id, table
from keywright_portal.billing.models import Invoice
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.orders.models import Order
from keywright_portal.subscriptions.models import Subscription
from keywright_portal.support.models import Ticket

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def organization_link(row: Order | Invoice | Subscription | Ticket | Membership) -> SafeString | str:
    """To the organization that a row belongs to. The row has it loaded."""
    organization = row.organization
    return link(Organization, row.organization_id, organization.name if organization is not None else "")


def _id_in_files(row: Organization) -> SafeString | str:
    return license_id(row.pk)


def _payer(row: Organization) -> object:
    return row.payer.provider_customer_id if hasattr(row, "payer") else None


class OrganizationPage(Page[Organization]):
    name = _l("Organization")
    name_plural = _l("Organizations")
    group = Group.CUSTOMERS
    related = ("payer",)
    list_display = (
        column(_l("Name"), "name", order="name"),
        column(_l("In addresses"), "slug", order="slug"),
        column(_l("Country"), "country.name", order="country"),
        column(_l("Since"), "created_at", order="created_at"),
    )
    search_fields = ("name", "slug", "billing_email", "memberships__user__email")
    ordering = ("-created_at",)

    facts = (
        *list_display,
        column(_l("Id"), "pk"),
        column(_l("Id in license files"), _id_in_files),
        column(_l("Street and number"), "street"),
        column(_l("Postal code"), "postal_code"),
        column(_l("City"), "city"),
        column(_l("VAT number"), "vat_number"),
        column(_l("Billing email address"), "billing_email"),
        column(_l("Customer at the payment provider"), _payer),
    )

    def caption(self, row: Organization) -> str:
        return row.name

    def tables(self, row: Organization) -> Sequence[Table]:
        members = row.memberships.select_related("user").order_by("created_at")
        subscriptions = row.subscriptions.select_related("product")[:NEWEST]
        orders = row.orders.select_related("plan")[:NEWEST]
        invoices = row.invoices.defer("pdf")[:NEWEST]
        tickets = row.tickets.all()[:NEWEST]
        return (
            table(
                _("Members"),
                (_("Person"), _("Email address"), _("Role"), _("Since")),
                [
                    (
                        link(User, member.user_id, member.user.name),
                        member.user.email,
                        member.get_role_display(),
                        member.created_at,
                    )
                    for member in members
                ],
            ),
            table(
                _("Subscriptions"),
                (_("Subscription"), _("Product"), _("First day")),
                [
                    (link(Subscription, one.pk, one.label or one.pk), one.product.name, one.anchor)
                    for one in subscriptions
                ],
                list_url(Subscription, organization__id__exact=row.pk),
            ),
            table(
                _("Orders"),
                (_("Number"), _("State"), _("Plan"), _("Users"), _("Total"), _("Begun")),
                [
                    (
                        link(Order, one.pk, one.number),
                        one.get_state_display(),
                        one.plan.name,
                        one.seats,
                        one.total,
                        one.created_at,
                    )
                    for one in orders
                ],
                list_url(Order, organization__id__exact=row.pk),
            ),
            table(
                _("Invoices"),
                (_("Number"), _("Total"), _("Issued"), _("Paid")),
                [(link(Invoice, one.pk, one.number), one.total, one.issued_at, one.paid_at) for one in invoices],
                list_url(Invoice, organization__id__exact=row.pk),
            ),
            table(
                _("Tickets"),
                (_("Number"), _("Topic"), _("Written")),
                [(link(Ticket, one.pk, one.number), one.get_topic_display(), one.created_at) for one in tickets],
                list_url(Ticket, organization__id__exact=row.pk),
            ),
        )

    def ways_on(self, row: Organization) -> Sequence[tuple[_StrOrPromise, str]]:
        return (
            (_("What happened"), find_url(row.pk)),
            (_("Audit trail"), list_url(AuditEntry, organization_id=row.pk)),
            (_("Mails"), list_url(OutboxMail, organization_id=row.pk)),
        )


class UserPage(Page[User]):
    name = _l("User")
    name_plural = _l("Users")
    group = Group.CUSTOMERS
    list_display = (
        column(_l("Email address"), "email", order="email"),
        column(_l("Name"), "name", order="name"),
        column(_l("Can sign in"), "is_active", order="is_active"),
        column(_l("Staff"), "is_staff", order="is_staff"),
        column(_l("Signed up"), "joined_at", order="joined_at"),
        column(_l("Last signed in"), "last_login", order="last_login"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name")
    ordering = ("-pk",)
    deferred = ("password",)

    def caption(self, row: User) -> str:
        return row.email

    def tables(self, row: User) -> Sequence[Table]:
        memberships = row.memberships.select_related("organization").order_by("created_at")
        addresses = EmailAddress.objects.filter(user=row).order_by("pk")
        agreements = PolicyAgreement.objects.filter(user=row).order_by("agreed_at")
        return (
            table(
                _("Organizations"),
                (_("Organization"), _("Role"), _("Since")),
                [(organization_link(one), one.get_role_display(), one.created_at) for one in memberships],
            ),
            table(
                _("Email addresses"),
                (_("Address"), _("Confirmed"), _("In use")),
                [(one.email, one.verified, one.primary) for one in addresses],
            ),
            table(
                _("Agreed to the Privacy Policy"),
                (_("Version"), _("At")),
                [(one.version, one.agreed_at) for one in agreements],
            ),
        )

    def ways_on(self, row: User) -> Sequence[tuple[_StrOrPromise, str]]:
        return (
            (_("What happened"), find_url(row.email)),
            (_("Audit trail"), list_url(AuditEntry, actor_user_id=row.pk)),
        )
