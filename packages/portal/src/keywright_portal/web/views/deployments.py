"""The servers that hold places of the organization's subscriptions: which, since when, and how to free one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.licensing.deployment_errors import ArtifactRefusedError, NoFreePlaceError
from keywright_portal.licensing.deployment_models import Kind
from keywright_portal.licensing.deployments import deployment_for, deployments_for
from keywright_portal.licensing.errors import LicenseRevokedError, NoSigningKeyError
from keywright_portal.licensing.services.announce_deployment import server_name
from keywright_portal.licensing.services.bring_file import Brought, FileKind, bring_file
from keywright_portal.licensing.services.download_answer import download_answer
from keywright_portal.licensing.services.release import WAITING_TIME, ask_release, cancel_release
from keywright_portal.subscriptions.selectors import current_terms_for
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.forms.deployment_file import DeploymentFileForm
from keywright_portal.web.paging import page_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.core.paginator import Page

    from keywright_portal.licensing.deployment_models import Deployment
    from keywright_portal.subscriptions.models import Term

ON_A_PAGE: Final = 20
UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPlaces:
    """A subscription with its servers, as its card shows it. `over` non-production servers have no place any more."""

    term: Term
    title: str
    description: str
    servers: Sequence[Deployment]
    has_production: bool
    non_production: int
    taken: int
    has_ended: bool

    @property
    def over(self) -> int:
        return max(0, self.taken - self.non_production)


@require_safe
@never_cache
@organization_page
def deployments(request: OrganizationRequest) -> HttpResponse:
    """A page of subscriptions, newest first, each with its servers."""
    return _page(request, DeploymentFileForm())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def deployment_file(request: OrganizationRequest) -> HttpResponse:
    """Takes a file that was carried here from a server without a network."""
    request.actor.require(Permission.LICENSE_DOWNLOAD)
    if request.method != "POST":
        return redirect(reverse_o(request, "deployments"))
    form = DeploymentFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            brought = bring_file(data=form.cleaned_data["file"], actor=request.actor, now=clock.now())
        except (ArtifactRefusedError, NoFreePlaceError, LicenseRevokedError, NoSigningKeyError) as error:
            form.add_error("file", str(error.message))
        else:
            return _took(request, brought)
    return _page(request, form, status=UNPROCESSABLE)


@require_safe
@never_cache
@organization_page
def deployment_answer(request: OrganizationRequest, deployment_id: uuid.UUID) -> HttpResponse:
    """The signed answer, to apply in the server's System Console."""
    answer = download_answer(actor=request.actor, deployment_pk=deployment_id, now=clock.now())
    disposition = content_disposition_header(as_attachment=True, filename=answer.name) or "attachment"
    return HttpResponse(
        answer.content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition,
            "Cache-Control": "no-store, private",
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def deployment_release(request: OrganizationRequest, deployment_id: uuid.UUID) -> HttpResponse:
    """Says how a place is freed; for a server that is lost, has it freed after a wait."""
    request.actor.require(Permission.ORGANIZATION_CHANGE)
    now = clock.now()
    if request.method == "POST":
        server = ask_release(actor=request.actor, deployment_pk=deployment_id, now=now)
        said = _("The place of %(server)s becomes free in %(days)d days.")
        messages.success(request, said % {"server": server_name(server), "days": WAITING_TIME.days})
        return redirect(reverse_o(request, "deployments"))
    server = deployment_for(actor=request.actor, pk=deployment_id)
    if server.release_due_at is not None:
        return redirect(reverse_o(request, "deployments"))
    return render(
        request,
        "web/deployments/release.html",
        {"server": server, "name": server_name(server), "due": now + WAITING_TIME, "days": WAITING_TIME.days},
    )


@require_POST
@never_cache
@organization_page
def deployment_keep(request: OrganizationRequest, deployment_id: uuid.UUID) -> HttpResponse:
    """Cancels a release that waits."""
    try:
        server = cancel_release(actor=request.actor, deployment_pk=deployment_id, now=clock.now())
    except InvalidTransitionError as error:
        messages.info(request, str(error.message))
    else:
        messages.success(request, _("%(server)s keeps its place.") % {"server": server_name(server)})
    return redirect(reverse_o(request, "deployments"))


def _page(request: OrganizationRequest, form: DeploymentFileForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    page: Page[Term] = page_of(
        current_terms_for(actor=request.actor, now=now), number=request.GET.get("page"), size=ON_A_PAGE
    )
    servers = deployments_for(actor=request.actor, subscription_ids=[term.subscription_id for term in page])
    context = {
        "page": page,
        "cards": [_card(term, servers.get(term.subscription_id, []), now=now) for term in page],
        "form": form,
        "answered": _answered(request, servers),
        "may_bring": Permission.LICENSE_DOWNLOAD in request.actor.permissions,
        "may_release": Permission.ORGANIZATION_CHANGE in request.actor.permissions,
        "may_order": Permission.ORDER in request.actor.permissions,
    }
    return render(request, "web/deployments/list.html", context, status=status)


def _card(term: Term, servers: Sequence[Deployment], *, now: datetime) -> SubscriptionPlaces:
    return SubscriptionPlaces(
        term=term,
        title=term.subscription.label or term.plan.name,
        description=term.plan.name if term.subscription.label else "",
        servers=servers,
        has_production=any(server.is_production for server in servers),
        non_production=sum(add_on.non_production_deployments for add_on in term.add_ons.all()),
        taken=sum(server.kind == Kind.NON_PRODUCTION for server in servers),
        has_ended=now >= term.ends_at,
    )


def _answered(request: OrganizationRequest, servers: dict[uuid.UUID, list[Deployment]]) -> Deployment | None:
    """The server whose request was brought a moment ago: its answer is to be downloaded."""
    asked = request.GET.get("answered", "")
    return next((server for of_one in servers.values() for server in of_one if str(server.pk) == asked), None)


def _took(request: OrganizationRequest, brought: Brought) -> HttpResponse:
    page = reverse_o(request, "deployments")
    name = server_name(brought.deployment)
    if brought.kind is FileKind.REQUEST:
        return redirect(f"{page}?answered={brought.deployment.pk}")
    if brought.recorded is None:
        messages.success(request, _("%(server)s is released. Its place is free.") % {"server": name})
        return redirect(page)
    messages.success(request, _received(brought.recorded.received, brought.recorded.already_known, name))
    return redirect(reverse_o(request, "active-users"))


def _received(received: int, already_known: int, name: str) -> str:
    if not received:
        known = _("Every report of %(server)s in this file was here before. Nothing was counted twice.")
        return known % {"server": name}
    said = ngettext(
        "%(count)d report of %(server)s was received.", "%(count)d reports of %(server)s were received.", received
    ) % {"count": received, "server": name}
    if already_known:
        said += " " + _("The others were here before.")
    return said
