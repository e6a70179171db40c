"""The payment provider's webhook: a trigger. Verify, keep its id, answer; a job then asks for the object and acts."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from keywright_portal.kit import clock
from keywright_portal.kit.queue import enqueue
from keywright_portal.orders.services.act_on_event import ACTED_ON
from keywright_portal.payments.gateway import EventSignatureError, gateway
from keywright_portal.payments.services.keep_event import keep_event

HANDLE_TASK = "keywright_portal.orders.tasks.handle_event"


@csrf_exempt  # it carries no cookie: what it carries is a signature
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 only once the event's id is kept; 400 for a signature that isn't right; a failure of ours is told again."""
    try:
        event = gateway().read_event(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except EventSignatureError:
        return HttpResponse("The signature isn’t right.", status=400, content_type="text/plain; charset=utf-8")
    follows = event.type in ACTED_ON
    with transaction.atomic():
        if keep_event(event=event, follows=follows, now=clock.now()) and follows:
            enqueue(HANDLE_TASK, event.id)
    return HttpResponse(status=200)
