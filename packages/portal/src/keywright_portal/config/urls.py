"""Every address of the portal, room by room."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("backoffice/", admin.site.urls),
    path("webhooks/", include("keywright_portal.api.webhook_urls")),
    path("api/", include("keywright_portal.api.urls")),
    path("", include("keywright_portal.web.urls")),
]
