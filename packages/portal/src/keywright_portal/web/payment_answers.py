"""What the payment page's script is told when it can't go on: a note for the page, rendered here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import JsonResponse
from django.template.loader import render_to_string

from keywright_portal.web.actor import reverse_o
from keywright_portal.web.card_tries import too_many, too_many_message

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from keywright_portal.billing.errors import TooManyCardTriesError
    from keywright_portal.orders.models import Order, PaymentProblem
    from keywright_portal.web.actor import OrganizationRequest
    from keywright_portal.web.payment_messages import PaymentMessage

CONFLICT: Final = 409


def problem_answer(
    request: OrganizationRequest, problem: PaymentProblem, message: PaymentMessage, *, status: int = 200
) -> JsonResponse:
    """A payment that went wrong, with the reference to quote."""
    context = {"problem": problem, "message": message}
    note = render_to_string("web/payment/problem.html", context, request)
    return JsonResponse({"note": note, "beside_card": str(message.beside_card)}, status=status)


def refusal_answer(request: OrganizationRequest, sentence: str | _StrPromise, *, order: Order) -> JsonResponse:
    """Nothing was tried, since the page isn't as things are any more."""
    context = {"sentence": sentence, "reload_url": reverse_o(request, "payment", order_id=order.pk)}
    note = render_to_string("web/payment/refusal.html", context, request)
    return JsonResponse({"note": note, "beside_card": ""}, status=CONFLICT)


def too_many_answer(request: OrganizationRequest, error: TooManyCardTriesError, *, order: Order) -> JsonResponse:
    """Nothing was tried, since too much was tried before."""
    note = render_to_string("web/payment/too_many.html", {"message": too_many_message(error), "order": order}, request)
    answer = JsonResponse({"note": note, "beside_card": ""})
    too_many(answer, error)
    return answer
