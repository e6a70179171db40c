"""Many users at once: the list, the search, and who of many is active."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from keywright_console.api.answers import answer
from keywright_console.api.calls import InvalidBodyError, body_of, call_of_user, flag_of, text_of
from keywright_console.api.shapes import user_shape
from keywright_console.kit.clock import now
from keywright_console.kit.ids import from_letters
from keywright_console.users.models import User
from keywright_console.users.selectors import Status, users_for
from keywright_console.users.services.change_many import change_many

PER_PAGE = 60  # what clients expect when they don't say
PER_PAGE_MAX = 200
SEARCH_LIMIT = 100  # the same
SEARCH_LIMIT_MAX = 1000
MOST_AT_ONCE = 2000  # users in one call: it ends within the time that a proxy waits, and doing the rest is a call more
LONGEST_DAYS = 36_500  # a century; a number above it is a mistake


def listed(request: HttpRequest, caller: User) -> HttpResponse:
    """A page by username. The place is a number, as clients have it, so only keys are read on the way to it."""
    days = number_of(request.GET.get("inactive_days", ""), most=LONGEST_DAYS)
    found = users_for(
        actor=caller.actor,
        status=status_of(request),
        not_here_since=None if days is None else now() - timedelta(days=days),
    )
    page = number_of(request.GET.get("page", "")) or 0
    per_page = number_of(request.GET.get("per_page", "")) or PER_PAGE
    return rows(found, first=page * min(per_page, PER_PAGE_MAX), size=min(per_page, PER_PAGE_MAX))


@require_http_methods(["POST"])
@call_of_user
def search(request: HttpRequest, caller: User) -> HttpResponse:
    """Users with this text in username or email address; the deactivated ones only where they are asked for."""
    content = body_of(request)
    limit = content.get("limit")
    if limit is not None and not (isinstance(limit, int) and not isinstance(limit, bool) and limit > 0):
        raise InvalidBodyError(_("“limit” must be a whole number above 0."))
    found = users_for(actor=caller.actor, search=text_of(content, "term"))
    if not flag_of(content, "allow_inactive"):
        found = found.filter(deactivated_at=None)
    return rows(found, first=0, size=min(limit or SEARCH_LIMIT, SEARCH_LIMIT_MAX))


@require_http_methods(["PUT"])
@call_of_user
def active(request: HttpRequest, caller: User) -> HttpResponse:
    """PUT activates or deactivates many users by one call of our own. Whoever may not be changed is named with why."""
    content = body_of(request)
    wanted = flag_of(content, "active", required=True)
    done = change_many(actor=caller.actor, changes=[(key, wanted) for key in ids_of(content)], now=now())
    return answer(
        {
            "activated": done.activated,
            "deactivated": done.deactivated,
            "unchanged": done.unchanged,
            "refused": [{"username": username, "message": reason} for username, reason in done.refused],
        }
    )


def rows(found: QuerySet[User], *, first: int, size: int) -> HttpResponse:
    """These users, in their order. The keys come from the list's index alone, then one page of rows."""
    keys = list(found.values_list("pk", flat=True)[first : first + size])
    users = User.objects.using(found.db).in_bulk(keys)
    return answer([user_shape(users[key]) for key in keys if key in users])


def ids_of(content: dict[str, Any]) -> list[uuid.UUID]:
    """The ids of the body, each once."""
    given = content.get("user_ids")
    if not isinstance(given, list) or len(given) > MOST_AT_ONCE:
        raise InvalidBodyError(
            _("“user_ids” must be a list of at most %(most)s users’ ids. Send more in further calls.")
            % {"most": MOST_AT_ONCE}
        )
    try:
        return list(dict.fromkeys(from_letters(text) for text in given))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidBodyError(_("“user_ids” has something that is no user’s id. Nothing has been changed.")) from error


def status_of(request: HttpRequest) -> Status:
    """The filter that clients ask for by `active=true` or `inactive=true`; by both, `inactive` counts."""
    if request.GET.get("inactive") == "true":
        return Status.DEACTIVATED
    return Status.ACTIVE if request.GET.get("active") == "true" else Status.ALL


def number_of(text: str, *, most: int = 999_999_999) -> int | None:
    """A whole number from the address. What can't be one counts as not said, as clients are used to."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or int(text) > most:
        return None
    return int(text)
