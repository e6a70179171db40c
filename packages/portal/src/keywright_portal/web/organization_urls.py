"""What an organization buys and has. The slug is resolved to an actor before any view runs."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
