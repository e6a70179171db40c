"""The pages' addresses. Those of an organization stand under `/o/<organization>/`."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:organization>/", include("keywright_portal.web.organization_urls")),  # first: asked most
    path("", include("keywright_portal.web.account_urls")),
    path("", include("keywright_portal.web.license_link_urls")),
]
