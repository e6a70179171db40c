"""What an organization buys and has. The slug is resolved to an actor before any view runs."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("keywright_portal.web.organization_account_urls")),
]
