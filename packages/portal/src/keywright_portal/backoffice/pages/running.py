"""The audit trail, what the payment provider told, and the schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from keywright_portal.accounts.models import Organization, User
from keywright_portal.backoffice.links import ABSENT, find_url, link
from keywright_portal.backoffice.page import Group, Page, as_uuid
from keywright_portal.backoffice.showing import code, column
from keywright_portal.kit.models import AuditEntry, DueJob
from keywright_portal.payments.models import ProviderEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise


def organization_names() -> Subquery:
    """The name of the organization that a row names by id alone: there is no foreign key that could be joined."""
    return Subquery(Organization.objects.filter(pk=OuterRef("organization_id")).values("name")[:1])


def organization_of_row(row: Any) -> SafeString | str:
    """A link to it; the bare id where the organization is gone."""
    if row.organization_id is None:
        return ABSENT
    return (
        link(Organization, row.organization_id, row.organization_name)
        if row.organization_name
        else code(row.organization_id)
    )


def _who(row: Any) -> SafeString | str:
    if row.actor_user_id is None:
        return row.actor_name or ABSENT
    return link(User, row.actor_user_id, row.actor_email) if row.actor_email else code(row.actor_user_id)


def _subject(row: AuditEntry) -> str:
    return f"{row.subject_type} {row.subject_id}"


class AuditPage(Page[AuditEntry]):
    """Who did what when. It is searched by reference, subject or organization; other words look at actions alone."""

    name = _l("Entry of the audit trail")
    name_plural = _l("Audit trail")
    group = Group.RUNNING
    list_display = (
        column(_l("At"), "at", order="at"),
        column(_l("Action"), "action", order="action"),
        column(_l("Reference"), "reference", order="reference"),
        column(_l("By"), _who),
        column(_l("Organization"), organization_of_row),
        column(_l("Subject"), _subject),
    )
    facts = (*list_display, column(_l("Before"), "before"), column(_l("After"), "after"), column(_l("Id"), "pk"))
    search_fields = ("action", "reference", "subject_id", "actor_name")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")

    def caption(self, row: AuditEntry) -> str:
        return row.action

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        emails = Subquery(User.objects.filter(pk=OuterRef("actor_user_id")).values("email")[:1])
        return super().get_queryset(request).annotate(organization_name=organization_names(), actor_email=emails)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """An id finds what was done to it, by it and in it; a name finds its organization's entries as well."""
        term = search_term.strip()
        wanted = as_uuid(term)
        if wanted is not None:
            by_id = Q(subject_id=str(wanted)) | Q(organization_id=wanted) | Q(actor_user_id=wanted) | Q(pk=wanted)
            return queryset.filter(by_id), False
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if not term:
            return found, duplicates
        organizations = Organization.objects.filter(Q(name__icontains=term) | Q(slug=term.lower()))
        return found | queryset.filter(organization_id__in=organizations.values("pk")), duplicates

    def ways_on(self, row: AuditEntry) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_l("What happened to the subject"), find_url(row.subject_id)),)


def _event(row: ProviderEvent) -> SafeString | str:
    return code(row.pk)


def _event_object(row: ProviderEvent) -> SafeString | str:
    return code(row.object_id)


class ProviderEventPage(Page[ProviderEvent]):
    name = _l("Event of the payment provider")
    name_plural = _l("Events of the payment provider")
    group = Group.RUNNING
    id_fields = ()
    list_display = (
        column(_l("Event"), _event, order="id"),
        column(_l("Type"), "type", order="type"),
        column(_l("About"), _event_object, order="object_id"),
        column(_l("Received"), "received_at", order="received_at"),
        column(_l("Handled"), "handled_at", order="handled_at"),
    )
    facts = list_display
    search_fields = ("id", "type", "object_id")
    ordering = ("-received_at", "-pk")

    def ways_on(self, row: ProviderEvent) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_l("What happened"), find_url(row.object_id)),)


class DueJobPage(Page[DueJob]):
    name = _l("Run of a scheduled job")
    name_plural = _l("Runs of scheduled jobs")
    group = Group.RUNNING
    id_fields = ()
    list_display = (
        column(_l("Job"), "job", order="job"),
        column(_l("Due"), "due_at", order="due_at"),
    )
    facts = list_display
    search_fields = ("job",)
    ordering = ("-due_at", "-pk")

    def caption(self, row: DueJob) -> str:
        return row.job

    def ways_on(self, row: DueJob) -> Sequence[tuple[_StrOrPromise, str]]:  # noqa: ARG002 (nothing happens to it alone)
        return ()
