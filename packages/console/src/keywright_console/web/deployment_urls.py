"""Addresses of the pages about this server as a deployment."""

from __future__ import annotations

from django.urls import path

from keywright_console.web.views import deployment, portal_link, usage

urlpatterns = [
    path("deployment/", deployment.deployment_page, name="deployment"),
    path("deployment/name/", deployment.name_page, name="deployment-name"),
    path("deployment/activate/", deployment.activate_page, name="deployment-activate"),
    path("deployment/request/", deployment.request_page, name="deployment-request"),
    path("deployment/answer/", deployment.answer_page, name="deployment-answer"),
    path("deployment/release/", deployment.release_page, name="deployment-release"),
    path("deployment/release/tell/", deployment.tell_page, name="deployment-tell"),
    path("deployment/release/file/", deployment.release_file, name="deployment-release-file"),
    path("portal/", portal_link.portal_page, name="portal-link"),
    path("portal/fetch/", portal_link.fetch_page, name="portal-fetch"),
    path("usage/", usage.usage_page, name="usage"),
    path("usage/send/", usage.send_page, name="usage-send"),
    path("usage/export/", usage.export_page, name="usage-export"),
    path("usage/csv/", usage.csv_page, name="usage-csv"),
]
