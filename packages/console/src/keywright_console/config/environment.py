"""Every environment variable that the console reads, in one place. Nothing else asks the environment."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

TRUE = frozenset({"1", "true", "yes", "on"})
# What a browser on the same machine calls it; never reachable from elsewhere.
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]

DATABASE_URL = os.environ.get("KEYWRIGHT_CONSOLE_DATABASE_URL") or "sqlite:///console.sqlite3"
REPLICA_URL = os.environ.get("KEYWRIGHT_CONSOLE_REPLICA_URL", "")
SECRET_KEY = os.environ.get("KEYWRIGHT_CONSOLE_SECRET_KEY", "")
TRUSTED_KEYS = os.environ.get("KEYWRIGHT_CONSOLE_TRUSTED_KEYS", "")
PRODUCT = os.environ.get("KEYWRIGHT_CONSOLE_PRODUCT", "")
PORTAL_URL = os.environ.get("KEYWRIGHT_CONSOLE_PORTAL_URL", "").rstrip("/")
URL = os.environ.get("KEYWRIGHT_CONSOLE_URL", "").rstrip("/")
ALLOWED_HOSTS = os.environ.get("KEYWRIGHT_CONSOLE_ALLOWED_HOSTS", "")
STATIC_ROOT = os.environ.get("KEYWRIGHT_CONSOLE_STATIC_ROOT", "")
CLOCK_FILE = os.environ.get("KEYWRIGHT_CLOCK_FILE", "")
INSECURE_COOKIES = os.environ.get("KEYWRIGHT_CONSOLE_INSECURE_COOKIES", "").lower() in TRUE
BEHIND_PROXY = os.environ.get("KEYWRIGHT_CONSOLE_BEHIND_PROXY", "").lower() in TRUE


def allowed_hosts() -> list[str]:
    """Hosts of the settings, and loopback, which cannot be spoofed into a link that leaves the machine."""
    hosts = [host.strip() for host in ALLOWED_HOSTS.split(",") if host.strip()]
    named = urlsplit(URL).hostname
    return [*LOOPBACK, *hosts, *([named] if named else [])]
