"""Where the link in a mail leads that carries a license to a System Admin: for anybody who has it."""

from django.urls import path

from keywright_portal.web.views import licenses

urlpatterns = [path("license/<str:token>/", licenses.license_link, name="license-link")]
