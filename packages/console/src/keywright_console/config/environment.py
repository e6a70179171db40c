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
LICENSE = os.environ.get("KEYWRIGHT_CONSOLE_LICENSE", "")
LICENSE_FILE = os.environ.get("KEYWRIGHT_CONSOLE_LICENSE_FILE", "")
SMTP_HOST = os.environ.get("KEYWRIGHT_CONSOLE_SMTP_HOST", "")
SMTP_PORT = os.environ.get("KEYWRIGHT_CONSOLE_SMTP_PORT", "587")
SMTP_USER = os.environ.get("KEYWRIGHT_CONSOLE_SMTP_USER", "")
SMTP_PASSWORD = os.environ.get("KEYWRIGHT_CONSOLE_SMTP_PASSWORD", "")
SMTP_TLS = os.environ.get("KEYWRIGHT_CONSOLE_SMTP_TLS", "1").lower() in TRUE
MAIL_FROM = os.environ.get("KEYWRIGHT_CONSOLE_MAIL_FROM", "")
STATIC_ROOT = os.environ.get("KEYWRIGHT_CONSOLE_STATIC_ROOT", "")
CLOCK_FILE = os.environ.get("KEYWRIGHT_CLOCK_FILE", "")
INSECURE_COOKIES = os.environ.get("KEYWRIGHT_CONSOLE_INSECURE_COOKIES", "").lower() in TRUE
BEHIND_PROXY = os.environ.get("KEYWRIGHT_CONSOLE_BEHIND_PROXY", "").lower() in TRUE


def allowed_hosts() -> list[str]:
    """Hosts of the settings, and loopback, which cannot be spoofed into a link that leaves the machine."""
    hosts = [host.strip() for host in ALLOWED_HOSTS.split(",") if host.strip()]
    named = urlsplit(URL).hostname
    return [*LOOPBACK, *hosts, *([named] if named else [])]


def smtp_port() -> int:
    """ValueError names the variable: a mail server that is never reached would be noticed too late."""
    if not SMTP_PORT.isdecimal():
        raise ValueError(f"KEYWRIGHT_CONSOLE_SMTP_PORT is {SMTP_PORT!r}. Give it a number, for example 587.")
    return int(SMTP_PORT)
