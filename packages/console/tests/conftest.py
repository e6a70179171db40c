"""What the console's tests stand on: a vendor, an instant, an administrator and a member."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from django.test import Client

from keywright_console.kit.actor import SHELL
from keywright_console.users.services.create_user import create_user
from vendor import DAY, NOON, Vendor

PASSWORD = "a correct horse battery"
ON_POSTGRESQL = bool(os.environ.get("KEYWRIGHT_TEST_DATABASE_URL"))
# SQLite has one writer at a time and no row locks: there a race proves nothing.
collect_ignore = [] if ON_POSTGRESQL else ["races"]


@pytest.fixture(scope="session")
def vendor():
    return Vendor()


@pytest.fixture(scope="session")
def stranger():
    """Another vendor, whose keys this server doesn't pin."""
    return Vendor()


@pytest.fixture(scope="session")
def key_file(vendor, tmp_path_factory):
    return vendor.publish(tmp_path_factory.mktemp("keys") / "trusted.json")


@pytest.fixture(autouse=True)
def pinned(settings, key_file):
    settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS = str(key_file)


@pytest.fixture
def now():
    return NOON


@pytest.fixture
def move_clock(settings, tmp_path):
    """Set the console's clock, as the demo does: by a file with an offset."""
    file = tmp_path / "clock"

    def move(to):
        file.write_text(str((to - datetime.now(UTC)).total_seconds()))
        settings.KEYWRIGHT_CLOCK_FILE = str(file)

    return move


@pytest.fixture
def clock_at_noon(move_clock):
    move_clock(NOON)
    return NOON


def make_user(name, *, is_system_admin=False, is_bot=False):
    return create_user(
        actor=SHELL,
        email=f"{name}@brightwater.example",
        username=name,
        password=PASSWORD,
        is_system_admin=is_system_admin,
        is_bot=is_bot,
        now=NOON - DAY,
    )


@pytest.fixture
def admin(db):
    return make_user("anna", is_system_admin=True)


@pytest.fixture
def member(admin):
    return make_user("mika")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_admin(admin, clock_at_noon):
    return signed_in(admin)


@pytest.fixture
def as_member(member, clock_at_noon):
    return signed_in(member)
