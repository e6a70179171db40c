"""Subscriptions, their terms and seats; the licenses, their files, and the log of what was signed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.links import link
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.pages.customers import organization_link
from keywright_portal.backoffice.showing import Table, code, column, license_id, table
from keywright_portal.domain.money import Money
from keywright_portal.licensing.models import IssueLogEntry, License, LicenseFile, SigningKey
from keywright_portal.orders.models import Order
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term


def _id_in_files(row: Subscription) -> SafeString | str:
    return license_id(row.pk)


def _product(row: Subscription) -> str:
    return row.product.name


class SubscriptionPage(Page[Subscription]):
    name = _l("Subscription")
    name_plural = _l("Subscriptions")
    group = Group.LICENSES
    related = ("organization", "product")
    list_display = (
        column(_l("Id in license files"), _id_in_files),
        column(_l("Organization"), organization_link, order="organization__name"),
        column(_l("Product"), _product, order="product__name"),
        column(_l("Name"), "label", order="label"),
        column(_l("First day"), "anchor", order="anchor"),
        column(_l("Since"), "created_at", order="created_at"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("organization__name", "organization__slug", "label")
    ordering = ("-created_at", "-pk")

    def tables(self, row: Subscription) -> Sequence[Table]:
        terms = row.terms.select_related("plan", "license")
        orders = Order.objects.filter(subscription=row).select_related("plan")
        return (
            table(
                _("Terms"),
                (_("Term"), _("First day"), _("Last day"), _("Plan"), _("Users"), _("License")),
                [
                    (
                        link(Term, term.pk, term.number),
                        term.span.starts_at.date(),
                        term.span.last_day,
                        term.plan.name,
                        term.seats,
                        link(License, term.license.pk, term.license.pk) if hasattr(term, "license") else None,
                    )
                    for term in terms
                ],
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
            ),
        )


def _subscription(row: Term) -> SafeString | str:
    return link(Subscription, row.subscription_id, license_id(row.subscription_id))


def _term_organization(row: Term) -> SafeString | str:
    return organization_link(row.subscription)


def _starts(row: Term) -> object:
    return row.span.starts_at.date()


def _last_day(row: Term) -> object:
    return row.span.last_day


def _initial_price(row: Term) -> Money:
    return row.initial_price


class TermPage(Page[Term]):
    name = _l("Term")
    name_plural = _l("Terms of subscriptions")
    group = Group.LICENSES
    related = ("subscription__organization", "plan", "license")
    id_fields = ("pk", "subscription_id")
    list_display = (
        column(_l("Term"), "number", order="number"),
        column(_l("Subscription"), _subscription),
        column(_l("Organization"), _term_organization, order="subscription__organization__name"),
        column(_l("Plan"), "plan.name", order="plan__name"),
        column(_l("Users"), "seats", order="seats"),
        column(_l("First day"), _starts, order="starts_at"),
        column(_l("Last day"), _last_day, order="ends_at"),
    )
    facts = (*list_display, column(_l("Price per user"), _initial_price), column(_l("Id"), "pk"))
    search_fields = ("subscription__organization__name", "subscription__label", "plan__name")
    ordering = ("-starts_at", "-pk")

    def caption(self, row: Term) -> str:
        return _("Term %(number)s of %(organization)s") % {
            "number": row.number,
            "organization": row.subscription.organization.name,
        }

    def tables(self, row: Term) -> Sequence[Table]:
        license_row = getattr(row, "license", None)
        return (
            table(
                _("Seats"),
                (_("Entry"), _("Users"), _("Order"), _("At")),
                [
                    (
                        link(SeatLedgerEntry, one.pk, one.pk),
                        one.seats,
                        link(Order, one.cause_id, _("Order")),
                        one.created_at,
                    )
                    for one in row.seat_entries.all()
                ],
            ),
            table(_("Add-ons"), (_("Add-on"),), [(one.name,) for one in row.add_ons.all()]),
            table(
                _("License"),
                (_("License"), _("Since")),
                [(link(License, license_row.pk, license_row.pk), license_row.created_at)] if license_row else [],
            ),
        )


def _entry_term(row: SeatLedgerEntry) -> SafeString | str:
    return link(Term, row.term_id, row.term.number)


def _entry_organization(row: SeatLedgerEntry) -> SafeString | str:
    return organization_link(row.term.subscription)


def _cause(row: SeatLedgerEntry) -> SafeString | str:
    return link(Order, row.cause_id, row.cause_id)


class SeatLedgerPage(Page[SeatLedgerEntry]):
    name = _l("Entry of the seat ledger")
    name_plural = _l("Seat ledger")
    group = Group.LICENSES
    related = ("term__subscription__organization",)
    id_fields = ("pk", "term_id", "cause_id")
    list_display = (
        column(_l("At"), "created_at", order="created_at"),
        column(_l("Users"), "seats", order="seats"),
        column(_l("Organization"), _entry_organization, order="term__subscription__organization__name"),
        column(_l("Term"), _entry_term),
        column(_l("Order"), _cause),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("term__subscription__organization__name",)
    ordering = ("-created_at", "-pk")


def _license_organization(row: License) -> SafeString | str:
    return link(type(row.organization), row.organization_id, row.organization.name)


def _license_term(row: License) -> SafeString | str:
    return link(Term, row.term_id, row.term.number)


def _license_subscription(row: License) -> SafeString | str:
    return link(Subscription, row.term.subscription_id, license_id(row.term.subscription_id))


def _license_seats(row: License) -> int:
    return row.term.seats


def _license_last_day(row: License) -> object:
    return row.term.span.last_day


class LicensePage(Page[License]):
    name = _l("License")
    name_plural = _l("Licenses")
    group = Group.LICENSES
    related = ("organization", "term__plan")
    id_fields = ("pk", "term_id", "term__subscription_id", "files__file_id")
    list_display = (
        column(_l("License"), "pk"),
        column(_l("Organization"), _license_organization, order="organization__name"),
        column(_l("Plan"), "term.plan.name", order="term__plan__name"),
        column(_l("Users"), _license_seats, order="term__seats"),
        column(_l("Last day"), _license_last_day, order="term__ends_at"),
        column(_l("Since"), "created_at", order="created_at"),
        column(_l("Revoked"), "revoked_at", order="revoked_at"),
    )
    facts = (
        *list_display,
        column(_l("Why it was revoked"), "revoked_because"),
        column(_l("Term"), _license_term),
        column(_l("Subscription"), _license_subscription),
    )
    search_fields = ("organization__name", "organization__slug", "term__plan__name")
    ordering = ("-created_at", "-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[License], search_term: str
    ) -> tuple[QuerySet[License], bool]:
        """A license has several files that carry one id: a search for that id finds it once."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return found.distinct() if search_term else found, duplicates

    def tables(self, row: License) -> Sequence[Table]:
        files = row.files.defer("content").order_by("-issued_at", "position")
        return (
            table(
                _("Files"),
                (_("Id in the file"), _("Name"), _("Format"), _("Users"), _("Issued"), _("Expires"), _("Superseded")),
                [
                    (
                        link(LicenseFile, one.pk, license_id(one.file_id)),
                        one.name,
                        one.format,
                        one.seats,
                        one.issued_at,
                        one.expires_at,
                        one.superseded_at,
                    )
                    for one in files
                ],
            ),
        )


def _file_id(row: LicenseFile) -> SafeString | str:
    return license_id(row.file_id)


def _file_organization(row: LicenseFile) -> SafeString | str:
    return _license_organization(row.license)


def _file_license(row: LicenseFile) -> SafeString | str:
    return link(License, row.license_id, row.license_id)


def _key(row: LicenseFile | IssueLogEntry) -> SafeString | str:
    return link(SigningKey, row.kid, code(row.kid))


class LicenseFilePage(Page[LicenseFile]):
    """What was signed, without its bytes: whose file it is may download it, and nobody else needs to."""

    name = _l("License file")
    name_plural = _l("License files")
    group = Group.LICENSES
    related = ("license__organization",)
    deferred = ("content",)
    id_fields = ("pk", "file_id", "license_id", "grant_id")
    list_display = (
        column(_l("Id in the file"), _file_id),
        column(_l("Organization"), _file_organization, order="license__organization__name"),
        column(_l("Name"), "name", order="name"),
        column(_l("Format"), "format", order="format"),
        column(_l("Users"), "seats", order="seats"),
        column(_l("Issued"), "issued_at", order="issued_at"),
        column(_l("Expires"), "expires_at", order="expires_at"),
        column(_l("Superseded"), "superseded_at", order="superseded_at"),
    )
    facts = (
        *list_display,
        column(_l("License"), _file_license),
        column(_l("Signed by"), _key),
        column(_l("Id of the grant"), "grant_id"),
        column(_l("Id"), "pk"),
    )
    search_fields = ("name", "kid", "license__organization__name")
    ordering = ("-issued_at", "position")

    def caption(self, row: LicenseFile) -> str:
        return row.name

    def tables(self, row: LicenseFile) -> Sequence[Table]:
        entries = IssueLogEntry.objects.filter(file_id=row.file_id, format=row.format).order_by("sequence")
        return (
            table(
                _("In the log of what was signed"),
                (_("Entry"), _("Digest of the file (SHA-256)"), _("At")),
                [(link(IssueLogEntry, one.pk, one.sequence), code(one.digest), one.at) for one in entries],
            ),
        )


def _logged_id(row: IssueLogEntry) -> SafeString | str:
    return license_id(row.file_id)


def _digest(row: IssueLogEntry) -> SafeString | str:
    return code(row.digest)


def _hash(row: IssueLogEntry) -> SafeString | str:
    return code(row.hash)


def _previous_hash(row: IssueLogEntry) -> SafeString | str:
    return code(row.previous_hash)


class IssueLogPage(Page[IssueLogEntry]):
    name = _l("Entry of the issue log")
    name_plural = _l("Issue log")
    group = Group.LICENSES
    id_fields = ("file_id",)
    list_display = (
        column(_l("Entry"), "sequence", order="sequence"),
        column(_l("Id in the file"), _logged_id),
        column(_l("Format"), "format", order="format"),
        column(_l("At"), "at", order="at"),
        column(_l("Signed by"), _key),
    )
    facts = (
        *list_display,
        column(_l("Digest of the file (SHA-256)"), _digest),
        column(_l("Hash of the entry before"), _previous_hash),
        column(_l("Hash of this entry"), _hash),
    )
    search_fields = ("kid", "digest", "hash")
    ordering = ("-sequence",)

    def tables(self, row: IssueLogEntry) -> Sequence[Table]:
        files = LicenseFile.objects.filter(file_id=row.file_id, format=row.format).defer("content")
        return (
            table(
                _("File"),
                (_("Name"), _("Issued")),
                [(link(LicenseFile, one.pk, one.name), one.issued_at) for one in files],
            ),
        )
