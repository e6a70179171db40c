"""The settings that the environment makes, each in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

NAMES = [
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASES",
    "DEBUG",
    "WHITENOISE_USE_FINDERS",
]
SHOW = f"""
import json
from keywright_console.config import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES}}}, default=str))
"""


def run(code, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_FILE") if name in os.environ}
    variables = {f"KEYWRIGHT_CONSOLE_{name}": value for name, value in environment.items()}
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | variables, capture_output=True, text=True, check=False
    )


def settings_with(**environment):
    finished = run(SHOW, **environment)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_in_production_cookies_are_bound_to_the_host():
    found = settings_with(URL="https://console.example/")
    assert (found["SESSION_COOKIE_NAME"], found["SESSION_COOKIE_SECURE"]) == ("__Host-console-sessionid", True)
    assert (found["CSRF_COOKIE_NAME"], found["CSRF_COOKIE_SECURE"]) == ("__Host-console-csrftoken", True)
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]", "console.example"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://console.example"]
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["DEBUG"] is False


def test_over_plain_http_on_loopback_they_are_plain():
    found = settings_with(INSECURE_COOKIES="1")
    assert (found["SESSION_COOKIE_NAME"], found["SESSION_COOKIE_SECURE"]) == ("console-sessionid", False)
    assert (found["CSRF_COOKIE_NAME"], found["CSRF_COOKIE_SECURE"]) == ("console-csrftoken", False)
    assert found["SECURE_HSTS_SECONDS"] == 0


def test_a_proxy_is_believed_only_where_it_is_said_to_be_there():
    assert settings_with(BEHIND_PROXY="1")["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_sqlite_keeps_what_it_has_said_yes_to():
    found = settings_with(DATABASE_URL="sqlite:////var/lib/console.sqlite3")["DATABASES"]["default"]
    assert found["NAME"] == "/var/lib/console.sqlite3"
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    assert "ATOMIC_REQUESTS" not in found or found["ATOMIC_REQUESTS"] is False


def test_postgresql_by_its_url():
    found = settings_with(DATABASE_URL="postgres://u:p@db.example/console")["DATABASES"]["default"]
    assert (found["ENGINE"], found["HOST"], found["NAME"]) == (
        "django.db.backends.postgresql",
        "db.example",
        "console",
    )


def test_static_files_are_found_unless_they_are_collected(tmp_path):
    assert settings_with()["WHITENOISE_USE_FINDERS"] is True
    assert settings_with(STATIC_ROOT=str(tmp_path))["WHITENOISE_USE_FINDERS"] is False


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "KEYWRIGHT_CONSOLE_SECRET_KEY is not set"),
        ({"SECRET_KEY": "s" * 50}, "KEYWRIGHT_CONSOLE_TRUSTED_KEYS is not set"),
    ],
)
def test_the_start_stops_with_the_name_of_what_is_missing(given, named):
    finished = run("import keywright_console.config.wsgi", **given)
    assert finished.returncode == 1
    assert named in finished.stderr.splitlines()[-1]
