"""Servers that hold or held places, and what they counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.links import link
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.showing import Table, code, column, license_id, table
from keywright_portal.licensing.deployment_models import Deployment, UsageReport
from keywright_portal.subscriptions.models import Subscription

NEWEST: Final = 30
"""Reports shown with a server: a month's."""


def _server(row: Deployment) -> str:
    return row.name or str(_("Unnamed server"))


def _organization(row: Deployment) -> SafeString | str:
    return link(type(row.organization), row.organization_id, row.organization.name)


def _kind(row: Deployment) -> str:
    return row.get_kind_display()


def _released_by(row: Deployment) -> str:
    return row.get_released_by_display()


def _activation(row: Deployment) -> SafeString | str:
    return license_id(row.pk)


def _deployment_id(row: Deployment) -> SafeString | str:
    return license_id(row.deployment_id)


def _key(row: Deployment | UsageReport) -> SafeString | str:
    return code(row.kid)


def _subscription(row: Deployment | UsageReport) -> SafeString | str:
    return link(Subscription, row.subscription_id, license_id(row.subscription_id))


class DeploymentPage(Page[Deployment]):
    name = _l("Deployment")
    name_plural = _l("Deployments")
    group = Group.LICENSES
    related = ("organization",)
    id_fields = ("pk", "deployment_id", "subscription_id")
    list_display = (
        column(_l("Server"), _server, order="name"),
        column(_l("Organization"), _organization, order="organization__name"),
        column(_l("Place"), _kind, order="kind"),
        column(_l("Number of the place"), "slot", order="slot"),
        column(_l("Activated"), "activated_at", order="activated_at"),
        column(_l("Last seen"), "last_seen_at", order="last_seen_at"),
        column(_l("Released"), "released_at", order="released_at"),
    )
    facts = (
        *list_display,
        column(_l("Version"), "version"),
        column(_l("Release asked for"), "release_asked_at"),
        column(_l("Becomes free"), "release_due_at"),
        column(_l("Released where"), _released_by),
        column(_l("Subscription"), _subscription),
        column(_l("Id of the activation"), _activation),
        column(_l("The server’s own id"), _deployment_id),
        column(_l("The server’s key"), _key),
        column(_l("Id"), "pk"),
    )
    search_fields = ("name", "kid", "organization__name")
    ordering = ("-activated_at", "-pk")

    def caption(self, row: Deployment) -> str:
        return _server(row)

    def tables(self, row: Deployment) -> Sequence[Table]:
        reports = row.usage_reports.defer("line").order_by("-counted_at", "-seq")[:NEWEST]
        return (
            table(
                _("Newest counts"),
                (_("Report"), _("Counted"), _("Active users"), _("Deactivated"), _("Bots")),
                [
                    (
                        link(UsageReport, one.pk, one.seq),
                        one.counted_at,
                        one.active_users,
                        one.deactivated_users,
                        one.bots,
                    )
                    for one in reports
                ],
            ),
        )


def _reporting_server(row: UsageReport) -> SafeString | str:
    return link(Deployment, row.deployment_id, _server(row.deployment))


def _reporting_organization(row: UsageReport) -> SafeString | str:
    return _organization(row.deployment)


def _digest(row: UsageReport) -> SafeString | str:
    return code(row.digest)


def _previous(row: UsageReport) -> SafeString | str:
    return code(row.previous)


def _line(row: UsageReport) -> SafeString | str:
    return code(row.line)


class UsageReportPage(Page[UsageReport]):
    name = _l("Usage report")
    name_plural = _l("Usage reports")
    group = Group.LICENSES
    related = ("deployment__organization",)
    id_fields = ("pk", "deployment_id", "subscription_id")
    list_display = (
        column(_l("Report"), "seq", order="seq"),
        column(_l("Server"), _reporting_server, order="deployment__name"),
        column(_l("Organization"), _reporting_organization, order="deployment__organization__name"),
        column(_l("Counted"), "counted_at", order="counted_at"),
        column(_l("Active users"), "active_users", order="active_users"),
        column(_l("Deactivated"), "deactivated_users", order="deactivated_users"),
        column(_l("Bots"), "bots", order="bots"),
        column(_l("Received"), "received_at", order="received_at"),
    )
    facts = (
        *list_display,
        column(_l("Most active users"), "peak_active_users"),
        column(_l("Since"), "since"),
        column(_l("Version"), "version"),
        column(_l("Subscription"), _subscription),
        column(_l("Signed by"), _key),
        column(_l("Digest"), _digest),
        column(_l("Digest of the one before"), _previous),
        column(_l("As it was signed"), _line),
        column(_l("Id"), "pk"),
    )
    search_fields = ("deployment__name", "kid", "deployment__organization__name")
    ordering = ("-received_at", "-seq")

    def caption(self, row: UsageReport) -> str:
        return _("Report %(number)s") % {"number": row.seq}
