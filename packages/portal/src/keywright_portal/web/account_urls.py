"""Signing up and in, one's own account, and the pages that anybody may read."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
