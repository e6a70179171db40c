"""The way to the Customer Portal. The one module that opens a connection; it decides nothing.

No redirect is followed: what is sent here is for that address alone. Proxies are those of the environment.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from keywright_console import __version__
from keywright_console.deployment.errors import NoPortalError, PortalRefusedError, PortalUnreachableError
from keywright_console.deployment.models import MESSAGE_MAX
from keywright_license.limits import MAX_BUNDLE_BYTES

TIMEOUT = 20  # seconds; an administrator waits for some of these answers
ANSWER_MAX = 1024 * 1024  # a handful of license files of at most 64 KiB each
LISTED_MAX = 20  # servers in the way that are shown; no subscription of the catalog has more places

ACTIVATIONS = "/api/v1/activations"
RELEASES = "/api/v1/releases"
USAGE = "/api/v1/usage"


def newest_path(subscription: str, *, kind: str) -> str:
    return f"/api/v1/licenses/{quote(subscription, safe='')}/newest?format={quote(kind, safe='')}"


def revocations_path(product: str, *, by_root: bool) -> str:
    return f"/api/v1/revocations/{quote(product, safe='')}{'/root' if by_root else ''}"


def address() -> str:
    """Where the portal is. NoPortalError: none is configured, or it is no web address."""
    base: str = settings.KEYWRIGHT_CONSOLE_PORTAL_URL
    if urlsplit(base).scheme not in ("http", "https"):
        raise NoPortalError(
            _("No Customer Portal is configured. Set KEYWRIGHT_CONSOLE_PORTAL_URL to its address and start again.")
        )
    return base


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: the bytes as they are, of a status of 2xx."""

    body: bytes

    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise _strange() from error
        if not isinstance(found, dict):
            raise _strange()
        return found


def post(path: str, body: dict[str, str]) -> Reply:
    """Send a JSON object."""
    return _call(path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def get(path: str, *, authorization: str = "", most: int = ANSWER_MAX) -> Reply:
    """Ask for something of at most `most` bytes."""
    return _call(path, headers={"Authorization": authorization} if authorization else {}, most=most)


def get_bundle(product: str, *, by_root: bool) -> Reply:
    return get(revocations_path(product, by_root=by_root), most=MAX_BUNDLE_BYTES)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: Any, **_named: Any) -> None:
        return None


def _call(path: str, *, data: bytes | None = None, headers: dict[str, str], most: int = ANSWER_MAX) -> Reply:
    """PortalUnreachableError: no answer, or one that no portal gives. PortalRefusedError: its own refusal."""
    request = urllib.request.Request(  # noqa: S310 - `address` lets http and https alone through
        address() + path,
        data=data,
        headers={
            "Accept-Language": get_language() or "en",
            "User-Agent": f"keywright-console/{__version__}",
            **headers,
        },
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            body = answer.read(most + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error.code, error.read(ANSWER_MAX)) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise PortalUnreachableError(
            _("The Customer Portal at %(address)s can’t be reached: %(reason)s. Nothing has been changed; try again.")
            % {"address": address(), "reason": str(reason)[:MESSAGE_MAX]}
        ) from error
    if len(body) > most:
        raise _strange()
    return Reply(body=body)


def _refused(status: int, body: bytes) -> PortalRefusedError | PortalUnreachableError:
    try:
        said = json.loads(body)
    except ValueError:
        return _strange(status)
    if not isinstance(said, dict) or not isinstance(said.get("code"), str) or not isinstance(said.get("message"), str):
        return _strange(status)
    listed = said.get("in_the_way")
    in_the_way = tuple(one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return PortalRefusedError(
        said["code"][:64], said["message"][:MESSAGE_MAX], status=status, in_the_way=in_the_way[:LISTED_MAX]
    )


def _strange(status: int = 0) -> PortalUnreachableError:
    sentence = _(
        "%(address)s gave an answer that no Customer Portal gives%(status)s. Check KEYWRIGHT_CONSOLE_PORTAL_URL. "
        "Nothing has been changed."
    )
    return PortalUnreachableError(sentence % {"address": address(), "status": f" ({status})" if status else ""})
