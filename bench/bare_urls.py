"""The portal's addresses, and `/bare/`: one query, nothing else, under the same server and middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from keywright_portal.catalog.models import Vendor


def bare(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (a view takes a request)
    updated = Vendor.objects.values_list("updated_at", flat=True).get(pk=1)
    return HttpResponse(f"<!doctype html><title>bare</title><h1>{updated}</h1>")


urlpatterns = [path("bare/", bare), path("", include("keywright_portal.config.urls"))]
