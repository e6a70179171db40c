from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from keywright_console.api.answers import answer, refusal
from keywright_console.api.calls import call_of_user
from keywright_console.kit.actor import Permission
from keywright_console.kit.clock import now
from keywright_console.users.models import User
from keywright_console.users.selectors import activity, counts


@require_http_methods(["GET", "HEAD"])
@call_of_user
def old(request: HttpRequest, caller: User) -> HttpResponse:
    """GET /analytics/old: the standard figures about users, as rows of name and value."""
    caller.actor.require(Permission.READ_SYSTEM)
    if request.GET.get("name", "standard") != "standard":
        return refusal(
            request,
            id_="api.admin.analytics.name.app_error",
            message=_("There are only the “standard” figures here. Ask with name=standard."),
            status=400,
        )
    users, lately = counts(), activity(now=now())
    figures = {
        "unique_user_count": users.active,
        "daily_active_users": lately.daily,
        "monthly_active_users": lately.monthly,
        "inactive_user_count": users.deactivated,
    }
    return answer([{"name": name, "value": value} for name, value in figures.items()])
