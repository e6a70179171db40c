"""Settings of the portal. What differs between machines is an environment variable; docs/settings.md lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts import limits
from keywright_portal.config import environment
from keywright_portal.kit.errors import ConfigurationError

PACKAGE_DIR = Path(__file__).resolve().parent.parent

# ---- Where it runs ---------------------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = environment.required("KEYWRIGHT_SECRET_KEY")
PORTAL_URL = environment.origin(
    environment.optional("KEYWRIGHT_PORTAL_URL", "http://127.0.0.1:8000"), name="KEYWRIGHT_PORTAL_URL"
)
IS_SECURE = PORTAL_URL.startswith("https://")
ALLOWED_HOSTS = [urlsplit(PORTAL_URL).hostname or "", *(["127.0.0.1", "localhost"] if not IS_SECURE else [])]
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
USE_X_FORWARDED_HOST = False
if environment.flag("KEYWRIGHT_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DEMO_DIR = Path(path) if (path := environment.optional("KEYWRIGHT_DEMO_DIR")) else None
"""Set by the demo alone: it opens the mailbox page. Only on loopback."""
if DEMO_DIR is not None and IS_SECURE:
    raise ConfigurationError(
        "KEYWRIGHT_DEMO_DIR is set on a portal with an https address. The demo runs on loopback alone."
    )
CLOCK_FILE = environment.optional("KEYWRIGHT_CLOCK_FILE") or None
if CLOCK_FILE is not None and IS_SECURE:
    raise ConfigurationError(
        "KEYWRIGHT_CLOCK_FILE moves the clock, for the demo and tests on loopback alone. Remove it."
    )

# ---- The house -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "keywright_portal.backoffice",  # before the admin: its templates take the place of the admin's
    "keywright_portal.backoffice.admin_config.BackofficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "keywright_portal.web",  # before allauth: its templates take the place of allauth's
    "allauth",
    "allauth.account",
    "django_countries",
    "django_htmx",
    "django_q",
    "keywright_look",
    "keywright_portal.kit",
    "keywright_portal.payments",
    "keywright_portal.catalog",
    "keywright_portal.accounts",
    "keywright_portal.subscriptions",
    "keywright_portal.billing",
    "keywright_portal.licensing",
    "keywright_portal.orders",
    "keywright_portal.support",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "keywright_portal.web.middleware.ErrorPageMiddleware",
]
ROOT_URLCONF = "keywright_portal.config.urls"
WSGI_APPLICATION = "keywright_portal.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "keywright_portal.web.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "keywright_look.forms.LookRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Data ------------------------------------------------------------------------------------------------------------

DATABASE_URL = environment.optional("KEYWRIGHT_DATABASE_URL", "sqlite:///keywright.sqlite3")


def database(url: str) -> dict[str, Any]:
    """SQLite durable and without "database is locked": a transaction begins with the write lock, and waits for it."""
    settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    settings["ATOMIC_REQUESTS"] = False
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    return settings


DATABASES = {"default": database(DATABASE_URL)}
# Rate limits must be counted where all nodes see them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Above this many rows the cache drops a third, also of what still counts: far above what an hour leaves.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    },
    # What the template tag `cache` keeps of pages, by all that it was made of: it can't get stale, so each process has
    # its own.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "template_fragments",
        "TIMEOUT": None,
        # From 2 KB to 60 KB each, a full list being the largest; the least recently used go first.
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}

Q_CLUSTER = {
    "name": "keywright",
    "orm": "default",
    "workers": environment.integer("KEYWRIGHT_WORKERS", 1),
    "timeout": 40,  # seconds that a task may take; the longest sends a mail
    # Seconds after which a task whose worker died runs again: must exceed the timeout by the 3 that a worker gets to
    # end itself, and be under a minute, within which a paid order has its license whatever died.
    "retry": 45,
    "max_attempts": 20,
    "ack_failures": False,
    "poll": 0.2,
    "catch_up": False,
    "save_limit": -1,
    "log_level": "WARNING",
}

# ---- People ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["keywright_portal.accounts.sign_in_backend.SignInBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "keywright_portal.web.account_adapter.PortalAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # without it allauth can't keep secret which addresses are known
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail scanners follow links
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # who didn't change the password must hear that somebody did
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # a reset for an unknown address mails it too: the answers look the same
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = limits.CONFIRMATION_DAYS
PASSWORD_RESET_TIMEOUT = limits.RESET_SECONDS
ACCOUNT_RATE_LIMITS = limits.RATE_LIMITS
# Behind a proxy the client's address is the one that our own proxy added to X-Forwarded-For, the last.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if environment.flag("KEYWRIGHT_BEHIND_PROXY") else 0
ACCOUNT_FORMS = {
    "signup": "keywright_portal.web.forms.account.SignUpForm",
    "login": "keywright_portal.web.forms.account.LogInForm",
    "change_password": "keywright_portal.web.forms.account.PasswordForm",
    "reset_password": "keywright_portal.web.forms.account.ForgottenPasswordForm",
    "reset_password_from_key": "keywright_portal.web.forms.account.NewPasswordForm",
}

# ---- Cookies, headers ------------------------------------------------------------------------------------------------

# Over plain HTTP, that is on loopback, the prefix and Secure are left out: not every browser takes them there.
COOKIE_PREFIX = "__Host-portal-" if IS_SECURE else "portal-"
SESSION_ENGINE = "keywright_portal.accounts.sessions"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_HSTS_SECONDS = 63_072_000 if IS_SECURE else 0  # two years
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144  # bytes; the largest body, a webhook's event, is under 64 KiB
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100

# ---- Stripe ----------------------------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = environment.required("KEYWRIGHT_STRIPE_SECRET_KEY")
STRIPE_PUBLISHABLE_KEY = environment.required("KEYWRIGHT_STRIPE_PUBLISHABLE_KEY")
STRIPE_WEBHOOK_SECRETS = environment.required_list("KEYWRIGHT_STRIPE_WEBHOOK_SECRET")
STRIPE_API_URL = environment.optional("KEYWRIGHT_STRIPE_API_URL", "https://api.stripe.com")
STRIPE_JS_URL = environment.optional("KEYWRIGHT_STRIPE_JS_URL", "https://js.stripe.com/dahlia/stripe.js")
for _name, _url in (("KEYWRIGHT_STRIPE_API_URL", STRIPE_API_URL), ("KEYWRIGHT_STRIPE_JS_URL", STRIPE_JS_URL)):
    if STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")) and environment.is_loopback(_url):
        raise ConfigurationError(
            f"KEYWRIGHT_STRIPE_SECRET_KEY is a live key and {_name} is on this machine. "
            f"A live key, and a real card, go to Stripe alone: remove {_name}."
        )
_stripe_origin = environment.origin(STRIPE_JS_URL, name="KEYWRIGHT_STRIPE_JS_URL")
_stripe_api_origin = environment.origin(STRIPE_API_URL, name="KEYWRIGHT_STRIPE_API_URL")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, _stripe_origin],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, _stripe_origin, _stripe_api_origin],
        "frame-src": [_stripe_origin, "https://hooks.stripe.com"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ---- Licenses --------------------------------------------------------------------------------------------------------

SIGNER = environment.choice("KEYWRIGHT_SIGNER", ("files", "pkcs11"))
KEYS_DIR = Path(environment.optional("KEYWRIGHT_KEYS_DIR", "keys"))
# Only what the signer needs must be set. The names hold a word by which Django hides values in its reports.
KEYS_PASSPHRASE = environment.required("KEYWRIGHT_KEYS_PASSPHRASE") if SIGNER == "files" else ""
PKCS11_MODULE = environment.required("KEYWRIGHT_PKCS11_MODULE") if SIGNER == "pkcs11" else ""
PKCS11_LABEL = environment.required("KEYWRIGHT_PKCS11_LABEL") if SIGNER == "pkcs11" else ""
PKCS11_PIN_SECRET = environment.required("KEYWRIGHT_PKCS11_PIN") if SIGNER == "pkcs11" else ""

# ---- Mail ------------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = environment.optional(
    "KEYWRIGHT_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if DEMO_DIR is None
    else "keywright_portal.web.mailbox.MailboxBackend",
)
EMAIL_FILE_PATH = DEMO_DIR / "mail" if DEMO_DIR is not None else None
EMAIL_HOST = environment.optional("KEYWRIGHT_SMTP_HOST", "localhost")
EMAIL_PORT = environment.integer("KEYWRIGHT_SMTP_PORT", 587)
EMAIL_HOST_USER = environment.optional("KEYWRIGHT_SMTP_USER")
EMAIL_HOST_PASSWORD = environment.optional("KEYWRIGHT_SMTP_PASSWORD")
EMAIL_USE_TLS = environment.optional("KEYWRIGHT_SMTP_TLS", "1") == "1"
EMAIL_TIMEOUT = 20  # seconds

# ---- Words, times, files ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
# The demo and the tests serve static files from the packages; production runs `keywright collect-static` first.
WHITENOISE_USE_FINDERS = environment.flag("KEYWRIGHT_STATIC_FROM_PACKAGES")
# None where nothing is collected: whitenoise would warn of a folder that isn't there.
STATIC_ROOT = None if WHITENOISE_USE_FINDERS else environment.optional("KEYWRIGHT_STATIC_ROOT", "static")
WHITENOISE_AUTOREFRESH = False
if not WHITENOISE_USE_FINDERS:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
