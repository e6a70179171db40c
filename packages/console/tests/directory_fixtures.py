"""A directory for a test, and settings that reach it. Imported by the conftest of whoever tests with one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keywright_console.directory.services.save_settings import DEFAULTS, checked, save_settings
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from slapd import ADMIN_DN, ADMIN_PASSWORD, PEOPLE, Certificates, running
from vendor import NOON

NAMES = ("ada", "bob", "cyd")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def slapd(tmp_path, certificates):
    with running(tmp_path / "slapd", certificates, names=NAMES) as server:
        yield server


@pytest.fixture
def values(slapd, certificates):
    """Settings that reach the directory over LDAPS."""
    return replace(
        DEFAULTS,
        is_on=True,
        host="localhost",
        port=slapd.tls_port,
        ca_certificates=certificates.pem,
        bind_dn=ADMIN_DN,
        bind_password=ADMIN_PASSWORD,
        base_dn=PEOPLE,
    )


@pytest.fixture
def settings_of():
    """The settings' row, unsaved: what a connection is made from."""
    from keywright_console.directory.sealing import seal

    def make(values):
        row = checked(values, now=NOON)
        row.bind_password = seal(values.bind_password or "")
        return row

    return make


@pytest.fixture
def licensed(admin, vendor):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)


@pytest.fixture
def connected(licensed, values):
    return save_settings(actor=SHELL, values=values, now=NOON)
