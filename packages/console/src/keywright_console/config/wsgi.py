"""The WSGI application that `keywright-console serve` runs."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from keywright_console.config import environment


def _application() -> WSGIHandler:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywright_console.config.settings")
    if not environment.SECRET_KEY:
        raise ImproperlyConfigured("KEYWRIGHT_CONSOLE_SECRET_KEY is not set. Give it 50 random characters.")
    application = get_wsgi_application()
    from keywright_console.licensing.trust import anchor  # noqa: PLC0415 - it needs models, which stand only now

    anchor()
    return application


application = _application()
