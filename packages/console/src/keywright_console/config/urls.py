from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/v4/", include("keywright_console.api.urls")),
    path("", include("keywright_console.web.urls")),
]

handler400 = "keywright_console.web.views.failures.bad_request"
handler403 = "keywright_console.web.views.failures.forbidden"
handler404 = "keywright_console.web.views.failures.not_found"
handler500 = "keywright_console.web.views.failures.server_error"
