"""Cards that are tried too often, at the edge: where a request came from, and the answer 429 with when to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.account.adapter import get_adapter
from django.utils.translation import gettext_lazy as _

from keywright_portal.web.payment_messages import PaymentMessage

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from keywright_portal.billing.errors import TooManyCardTriesError

TOO_MANY_REQUESTS: Final = 429


def address_of(request: HttpRequest) -> str:
    """The network address that the request came from, behind as many proxies as the settings say."""
    return str(get_adapter().get_client_ip(request))


def too_many_message(error: TooManyCardTriesError) -> PaymentMessage:
    return PaymentMessage(title=_("Too many cards were tried"), sentence=error.message)


def too_many(answer: HttpResponse, error: TooManyCardTriesError) -> HttpResponse:
    """`answer` as a refusal that says, to programs too, when to go on."""
    answer.status_code = TOO_MANY_REQUESTS
    answer["Retry-After"] = str(error.retry_after)
    return answer
