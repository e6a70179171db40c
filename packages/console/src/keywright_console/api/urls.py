from __future__ import annotations

from django.urls import path, re_path, register_converter

from keywright_console.api import analytics, failures, licenses, openapi, system, user_lists, users
from keywright_console.kit.ids import IdConverter

register_converter(IdConverter, "api_id")

urlpatterns = [
    path("users/login", users.login),
    path("users/logout", users.logout),
    path("users/me", users.me),
    path("users/stats", users.stats),
    path("users", users.users),
    path("users/search", user_lists.search),
    path("users/active", user_lists.active),
    path("users/<api_id:user_id>", users.one_user),
    path("users/<api_id:user_id>/active", users.active),
    path("users/<api_id:user_id>/roles", users.roles),
    path("users/email/<str:email>", users.by_email),
    path("users/username/<str:username>", users.by_username),
    path("license", licenses.license_),
    path("license/preview", licenses.preview),
    path("license/client", licenses.client),
    path("license/load_metric", licenses.load_metric),
    path("analytics/old", analytics.old),
    path("system/ping", system.ping),
    path("openapi.json", openapi.description),
    re_path("", failures.unknown_call),
]
