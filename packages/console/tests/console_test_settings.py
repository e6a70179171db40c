"""The console's own settings, for tests: SQLite unless KEYWRIGHT_TEST_DATABASE_URL names a PostgreSQL."""

import os

os.environ["KEYWRIGHT_CONSOLE_DATABASE_URL"] = os.environ.get("KEYWRIGHT_TEST_DATABASE_URL") or "sqlite://:memory:"
os.environ["KEYWRIGHT_CONSOLE_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["KEYWRIGHT_CONSOLE_PRODUCT"] = "enterprise-edition"
os.environ["KEYWRIGHT_CONSOLE_PORTAL_URL"] = "https://portal.example"
os.environ["KEYWRIGHT_CONSOLE_INSECURE_COOKIES"] = "1"
for name in ("URL", "REPLICA_URL", "ALLOWED_HOSTS", "STATIC_ROOT", "BEHIND_PROXY", "TRUSTED_KEYS"):
    os.environ.pop(f"KEYWRIGHT_CONSOLE_{name}", None)
os.environ.pop("KEYWRIGHT_CLOCK_FILE", None)

from keywright_console.config.settings import *  # noqa: E402, F403 - the environment must stand before

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good hash is slow on purpose
