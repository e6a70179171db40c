"""The portal's settings for its tests: throw-away secrets, and the database that KEYWRIGHT_TEST_DATABASE_URL names."""

import os
import tempfile
from pathlib import Path

os.environ.update(
    {
        "KEYWRIGHT_SECRET_KEY": "only-for-tests",
        "KEYWRIGHT_DATABASE_URL": os.environ.get("KEYWRIGHT_TEST_DATABASE_URL", "sqlite:///portal-test.sqlite3"),
        "KEYWRIGHT_STRIPE_SECRET_KEY": "sk_test_simulator",
        "KEYWRIGHT_STRIPE_PUBLISHABLE_KEY": "pk_test_simulator",
        "KEYWRIGHT_STRIPE_WEBHOOK_SECRET": "whsec_simulator",
        "KEYWRIGHT_KEYS_DIR": tempfile.mkdtemp(prefix="keywright-test-keys-"),
        "KEYWRIGHT_KEYS_PASSPHRASE": "only-for-tests",
        "KEYWRIGHT_STATIC_FROM_PACKAGES": "1",
        "KEYWRIGHT_EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    }
)

from keywright_portal.config.settings import *  # noqa: F403 (Django's way to build settings on settings)
from keywright_portal.config.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: Django's default is in memory, where two connections don't wait for each other.
    DATABASES["default"]["TEST"] = {"NAME": Path(tempfile.mkdtemp(prefix="keywright-test-")) / "test.sqlite3"}

# Argon2 is slow by design; what tests check is never the hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
