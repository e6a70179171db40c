"""A directory from the command line, against a real slapd."""

import json

import pytest

from directory_fixtures import certificates, slapd
from shell import TODAY
from slapd import ADMIN_DN, ADMIN_PASSWORD, PEOPLE

__all__ = ["certificates", "slapd"]
SECRET = {"KEYWRIGHT_CONSOLE_SECRET_KEY": "only for tests"}


@pytest.fixture
def licensed(ready, vendor):
    ready.done("license", "upload", ready.write("license", vendor.file(starts=TODAY)))
    return ready


@pytest.fixture
def connected(licensed, slapd, certificates):
    licensed.done(
        "ldap",
        "set",
        "--host",
        "localhost",
        "--port",
        str(slapd.tls_port),
        "--security",
        "ldaps",
        "--ca-file",
        str(certificates.certificate),
        "--bind-dn",
        ADMIN_DN,
        "--bind-password-stdin",
        "--base-dn",
        PEOPLE,
        "--on",
        stdin=f"{ADMIN_PASSWORD}\n",
        **SECRET,
    )
    return licensed


def test_it_begins_with_nothing(licensed):
    assert licensed.done("ldap", "show") == "No directory is connected.\n"
    licensed.refused("directory_not_set_up", "ldap", "test")
    licensed.refused("directory_not_set_up", "ldap", "sync")


def test_settings_are_kept_one_by_one_and_the_password_is_not_shown(connected):
    connected.done("ldap", "set", "--every", "30", "--off", **SECRET)
    shown = connected.done("ldap", "show", "--json")
    assert ADMIN_PASSWORD not in shown
    found = json.loads(shown)["settings"]
    assert (found["every_minutes"], found["is_on"], found["bind_dn"]) == (30, False, ADMIN_DN)
    assert found["has_bind_password"] is True


def test_a_setting_that_cannot_be_used_is_a_misuse(licensed):
    finished = licensed.run("ldap", "set", "--host", "ldap.example.com", "--base-dn", "x", **SECRET)
    assert finished.returncode == 2
    assert "base_dn: This is no distinguished name" in finished.stderr
    finished = licensed.run("ldap", "set", "--host", "h", "--base-dn", PEOPLE, "--bind-password-stdin", stdin="x\n")
    assert finished.returncode == 2
    assert finished.stderr.startswith("not_configured: KEYWRIGHT_CONSOLE_SECRET_KEY is not set.")


def test_tried_shown_and_done(connected, slapd):
    found = json.loads(connected.done("ldap", "test", "--json", **SECRET))
    assert (found["security"], [one["username"] for one in found["entries"]]) == ("LDAPS", ["ada", "bob", "cyd"])
    tried = json.loads(connected.done("ldap", "sync", "--dry-run", "--json", **SECRET))
    assert (tried["created"], tried["users"]["create"]) == (3, ["ada", "bob", "cyd"])
    assert "found 3, created 3, updated 0, activated 0, deactivated 0, skipped 0" in connected.done(
        "ldap", "sync", **SECRET
    )
    slapd.remove("bob")
    assert "deactivate   bob" in connected.done("ldap", "sync", "--dry-run", **SECRET)
    assert json.loads(connected.done("ldap", "sync", "--json", **SECRET))["deactivated"] == 1
    assert json.loads(connected.done("ldap", "show", "--json"))["users"] == 3


def test_a_directory_with_nobody_or_down_exits_3(connected, slapd):
    connected.done("ldap", "sync", **SECRET)
    for name in ("ada", "bob", "cyd"):
        slapd.remove(name)
    connected.refused("directory_empty", "ldap", "sync", status=3, **SECRET)
    slapd.stop()
    connected.refused("directory_unreachable", "ldap", "test", status=3, **SECRET)
    assert len(json.loads(connected.done("user", "list", "--active", "--json"))) == 4


def test_without_a_license_nothing_runs(connected):
    connected.done("license", "remove", "--yes")
    connected.refused("ldap_not_licensed", "ldap", "sync", **SECRET)
