from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from keywright_console.api.answers import refusal


@csrf_exempt
def unknown_call(request: HttpRequest) -> HttpResponse:
    """A call that is not among ours, in the API's own shape instead of a page."""
    return refusal(
        request,
        id_="api.context.404.app_error",
        message=_("Sorry, we could not find the page."),
        status=HTTPStatus.NOT_FOUND,
    )
