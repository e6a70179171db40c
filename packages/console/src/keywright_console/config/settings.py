"""Django's settings, from environment variables alone. What each one is for: packages/console/README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from keywright_console.config import environment

PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = environment.SECRET_KEY  # config/wsgi.py stops the start without it; the command line needs none
ALLOWED_HOSTS = environment.allowed_hosts()

# Ours. Code asks for these, never for the environment.
KEYWRIGHT_CLOCK_FILE = environment.CLOCK_FILE
KEYWRIGHT_CONSOLE_TRUSTED_KEYS = environment.TRUSTED_KEYS
KEYWRIGHT_CONSOLE_PRODUCT = environment.PRODUCT
KEYWRIGHT_CONSOLE_PORTAL_URL = environment.PORTAL_URL
KEYWRIGHT_CONSOLE_URL = environment.URL
KEYWRIGHT_CONSOLE_LICENSE = environment.LICENSE
KEYWRIGHT_CONSOLE_LICENSE_FILE = environment.LICENSE_FILE
KEYWRIGHT_CONSOLE_MAIL_FROM = environment.MAIL_FROM
KEYWRIGHT_CONSOLE_BEHIND_PROXY = environment.BEHIND_PROXY

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "keywright_look",
    "keywright_console.kit",
    "keywright_console.users",
    "keywright_console.revocations",
    "keywright_console.licensing",
    "keywright_console.directory",
    "keywright_console.deployment",
    "keywright_console.usage",
    "keywright_console.jobs",
    "keywright_console.web",
]

MIDDLEWARE = [
    "keywright_console.kit.requests.ReferenceMiddleware",
    "keywright_console.api.middleware.ApiErrorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "keywright_console.kit.requests.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "keywright_console.web.middleware.ConsoleMiddleware",
]

ROOT_URLCONF = "keywright_console.config.urls"
WSGI_APPLICATION = "keywright_console.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "keywright_console.web.context.console",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    """The database that the environment names. SQLite is made to keep what it has said yes to."""
    found: dict[str, Any] = dict(dj_database_url.parse(environment.DATABASE_URL, conn_max_age=60))
    found["CONN_HEALTH_CHECKS"] = True
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE: a deferred transaction that comes to write fails at once when another one writes.
        # FULL: a commit is on the disk before the answer leaves, whatever happens to the power.
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    return found


def _replica() -> dict[str, Any]:
    """The replica that reports are read from (kit/reports.py). It refuses writes; so does our own connection to it."""
    found: dict[str, Any] = dict(dj_database_url.parse(environment.REPLICA_URL, conn_max_age=60))
    found |= {"CONN_HEALTH_CHECKS": True, "TEST": {"MIRROR": "default"}}
    if found["ENGINE"] == "django.db.backends.postgresql":
        found["OPTIONS"] = {"options": "-c default_transaction_read_only=on"}
    return found


FORM_RENDERER = "keywright_look.forms.LookRenderer"

DATABASES = {"default": _database()}
if environment.REPLICA_URL:
    DATABASES["replica"] = _replica()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["keywright_console.users.backends.ConsoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"

# Cookies ignore ports, so the names differ from the portal's. Over plain HTTP on loopback, which is the demo, browsers
# differ in whether they take __Host- and Secure.
_SECURE = not environment.INSECURE_COOKIES
_PREFIX = "__Host-console-" if _SECURE else "console-"
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
SESSION_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day: an administrator's session is worth stealing
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "keywright_console.web.views.failures.csrf_failure"
CSRF_TRUSTED_ORIGINS = [environment.URL] if environment.URL else []

# In the session: the other storage is a cookie whose name the portal could share.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the theme draws check marks with data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# A license is at most 64 KiB; 256 KiB of form fields hold it in base64 with room for the rest.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_HANDLERS = ["keywright_console.kit.uploads.BoundedUploadHandler"]

STATIC_URL = "/static/"
STATIC_ROOT = environment.STATIC_ROOT or None
WHITENOISE_USE_FINDERS = not environment.STATIC_ROOT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is ever stored as a file
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if environment.STATIC_ROOT
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# Without a host nothing is sent, and pages say so (kit/mail.py).
EMAIL_HOST = environment.SMTP_HOST
EMAIL_PORT = environment.smtp_port()
EMAIL_HOST_USER = environment.SMTP_USER
EMAIL_HOST_PASSWORD = environment.SMTP_PASSWORD
EMAIL_USE_TLS = environment.SMTP_TLS
EMAIL_TIMEOUT = 20  # seconds

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": "WARNING"},
}
