"""Which users a page is about, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

from keywright_console.kit.actor import Actor
from keywright_console.users.models import User
from keywright_console.users.naming import USERNAME_MAX
from keywright_console.users.selectors import Status, users_for

SEARCH_MAX = 100  # longer than any username or address that one would look for
DAYS_MAX = 3650  # ten years; before that nobody was here


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """A kind of user, a text, and for how many days one wasn't here (0: no matter)."""

    status: Status
    search: str
    days: int

    def users(self, *, actor: Actor, now: datetime) -> QuerySet[User]:
        since = now - timedelta(days=self.days) if self.days else None
        return users_for(actor=actor, status=self.status, search=self.search, not_here_since=since)

    @property
    def query(self) -> str:
        """The same filter at the end of another address."""
        return urlencode({"status": self.status.value, "q": self.search, "inactive": self.days or ""})

    @property
    def is_narrow(self) -> bool:
        return bool(self.search or self.days)


def filter_of(request: HttpRequest) -> UserFilter:
    """The filter of a request; what can't be used is as if it weren't there."""
    given = request.POST if request.method == "POST" else request.GET
    status, days = given.get("status", ""), given.get("inactive", "")
    is_number = days.isascii() and days.isdigit() and len(days) <= len(str(DAYS_MAX))
    return UserFilter(
        status=Status(status) if status in set(Status) else Status.ALL,
        search=_text(given.get("q", ""), SEARCH_MAX),
        days=min(int(days), DAYS_MAX) if is_number else 0,
    )


def name_of(request: HttpRequest, key: str) -> str:
    """The username that a page begins or ends at."""
    return _text(request.GET.get(key, ""), USERNAME_MAX)


def _text(text: str, most: int) -> str:
    return text.strip()[:most].replace("\0", "")
