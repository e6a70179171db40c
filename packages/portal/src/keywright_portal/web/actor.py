"""From a request to an actor: the one way into every page of an organization."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from keywright_portal.accounts import selectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django_htmx.middleware import HtmxDetails

    from keywright_portal.accounts.models import Organization, User
    from keywright_portal.kit.actor import Actor

P = ParamSpec("P")


class PortalRequest(HttpRequest):
    """A request as every view gets it, after the middleware."""

    htmx: HtmxDetails
    home_organization: Organization | None


class OrganizationRequest(PortalRequest):
    """A request of a signed-in, confirmed user in one of their organizations. For types alone: nothing makes one."""

    user: User
    actor: Actor
    organization: Organization


def organization_page(
    view: Callable[Concatenate[OrganizationRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Take the organization's slug from the address and give the view `request.actor` and `request.organization`.

    Who isn't signed in goes to sign in and comes back; whose address isn't confirmed is told so; a foreign or unknown
    organization is not found. The view never sees the slug. It costs one query beside the session's and the user's.
    """

    def page(request: Any, organization: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        place = selectors.place_for(user=request.user, organization_slug=organization)
        if not place.is_verified:
            return redirect("account_email_verification_sent")
        request.actor = place.actor
        request.organization = place.organization
        return view(request, *args, **kwargs)

    update_wrapper(page, view)
    return page


def to_sign_in(request: PortalRequest) -> HttpResponse:
    """To the sign-in page, and back here afterwards; an htmx request takes the whole page along."""
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    back = request.htmx.current_url_abs_path or reverse("home")
    return HttpResponseClientRedirect(redirect_to_login(back).url)


def organization_of(request: HttpRequest) -> Organization | None:
    """The organization whose page this is; elsewhere the user's own, None for a stranger. At most one query."""
    asked = cast("OrganizationRequest", request)
    if hasattr(asked, "organization"):
        return asked.organization
    if not hasattr(asked, "home_organization"):
        asked.home_organization = selectors.home_organization(asked.user) if asked.user.is_authenticated else None
    return asked.home_organization


def reverse_o(request: HttpRequest, name: str, **kwargs: object) -> str:
    """The address of a page of the request's organization, which need not be named."""
    organization = organization_of(request)
    if organization is None:
        return reverse("home")
    return reverse(name, kwargs={"organization": organization.slug, **kwargs})
