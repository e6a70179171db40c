"""The command line as one runs it: a process of its own, on a database of its own."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys

import pytest
from bad_files import BAD

from conftest import PASSWORD
from keywright_license import Format
from shell import TODAY, free_port, get, serving
from vendor import DAY


@pytest.mark.parametrize("kind", list(Format))
def test_license_upload_show_remove(ready, vendor, kind):
    one = vendor.license(starts=TODAY - DAY, seats=1250, kind=kind)
    file = ready.write(f"acme{kind.suffix}", vendor.file(one))
    assert ready.done("license", "show") == "Free edition: no license is in force. Active users: 1\n"
    assert ready.done("license", "upload", file) == f"Enterprise Edition E20, 1,250 seats, is in force: {one.id}\n"
    assert "Nothing has changed." in ready.done("license", "upload", file)
    shown = ready.done("license", "show")
    assert "Edition        Enterprise Edition E20" in shown
    assert "Active users   1 of 1,250 seats" in shown
    as_json = json.loads(ready.done("license", "show", "--json"))
    assert (as_json["licensed"], as_json["active_users"], as_json["waiting"]) == (True, 1, None)
    assert (as_json["in_force"]["id"], as_json["in_force"]["seats"], as_json["in_force"]["state"]) == (
        one.id,
        1250,
        "active",
    )
    assert ready.done("license", "remove", "--yes") == f"Removed: {one.id}\n"
    assert json.loads(ready.done("license", "show", "--json"))["licensed"] is False
    ready.refused("no_license", "license", "remove", "--yes")


def test_removing_asks(ready, vendor):
    ready.done("license", "upload", ready.write("a", vendor.file(starts=TODAY)))
    finished = ready.run("license", "remove", stdin="n\n")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert "declined: Nothing has been changed." in finished.stderr
    assert json.loads(ready.done("license", "show", "--json"))["licensed"] is True


def test_the_next_terms_license_waits(ready, vendor):
    ready.done("license", "upload", ready.write("a", vendor.file(starts=TODAY)))
    following = vendor.license(starts=TODAY + 365 * DAY)
    out = ready.done("license", "upload", ready.write("b", vendor.file(following)), "--json")
    assert json.loads(out) == {"id": following.id, "place": "waiting", "changed": True}
    assert "Waiting for its term" in ready.done("license", "show")


def test_bad_files_are_refused_and_the_license_in_force_stays(ready, vendor, stranger):
    good = vendor.license(starts=TODAY)
    ready.done("license", "upload", ready.write("good", vendor.file(good)))
    for name in ("tampered", "another key", "another product", "expired", "1 MB", "not base64", "empty"):
        code, make = BAD[name]
        said = ready.refused(code, "license", "upload", ready.write("bad", make(vendor, stranger)))
        assert re.search("^reference: [a-z0-9]{26}$", said, re.MULTILINE)
    assert json.loads(ready.done("license", "show", "--json"))["in_force"]["id"] == good.id


def test_too_few_seats(ready, vendor):
    ready.done("user", "create", "--email", "b@example.com", "--username", "ben", "--password", PASSWORD)
    said = ready.refused("too_few_seats", "license", "upload", ready.write("a", vendor.file(starts=TODAY, seats=1)))
    assert "This license has 1 seats and this server has 2 active users." in said


def test_a_file_that_is_not_there_is_a_misuse(ready):
    finished = ready.run("license", "upload", "none")
    assert finished.returncode == 2
    assert "does not exist" in finished.stderr


def test_users(ready):
    ready.done(
        "user", "create", "--email", "Ben@Example.com", "--username", "Ben", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    ready.done(
        "user",
        "create",
        "--email",
        "r@example.com",
        "--username",
        "robot",
        "--bot",
        "--json",
        KEYWRIGHT_CONSOLE_USER_PASSWORD=PASSWORD,
    )
    listed = json.loads(ready.done("user", "list", "--json"))
    assert [(user["username"], user["is_system_admin"], user["is_bot"], user["active"]) for user in listed] == [
        ("anna", True, False, True),
        ("ben", False, False, True),
        ("robot", False, True, True),
    ]
    assert ready.done("user", "deactivate", "BEN@example.com") == "ben is deactivated.\n"
    assert [user["username"] for user in json.loads(ready.done("user", "list", "--deactivated", "--json"))] == ["ben"]
    assert "deactivated" in ready.done("user", "list", "--search", "ben")
    assert ready.done("user", "activate", listed[1]["id"]) == "ben is active.\n"
    assert ready.done("user", "set-password", "ben", "--password", "another good horse") == "ben has a new password.\n"
    ready.refused("last_system_admin", "user", "deactivate", "anna")
    ready.refused("user_not_found", "user", "activate", "nobody")
    ready.refused(
        "email_taken", "user", "create", "--email", "A@example.com", "--username", "x", "--password", PASSWORD
    )
    ready.refused("weak_password", "user", "create", "--email", "x@e.com", "--username", "x", "--password", "short")


def test_a_password_by_two_ways_or_none_is_a_misuse(ready):
    create = ("user", "create", "--email", "x@example.com", "--username", "x")
    assert ready.run(*create).returncode == 2
    assert ready.run(*create, "--password", PASSWORD, "--password-stdin", stdin=PASSWORD).returncode == 2


def test_an_unknown_command_is_a_misuse(shell):
    assert shell.run("nothing").returncode == 2


def test_the_module_is_the_command(shell):
    finished = subprocess.run(
        [sys.executable, "-m", "keywright_console", "--version"],
        env=shell.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (0, "0.1.0\n")


@pytest.mark.parametrize("name", ["KEYWRIGHT_CONSOLE_TRUSTED_KEYS", "KEYWRIGHT_CONSOLE_PRODUCT"])
def test_a_missing_setting_is_named(ready, vendor, name):
    file = ready.write("a", vendor.file(starts=TODAY))
    said = ready.refused("not_configured", "license", "upload", file, status=2, **{name: ""})
    assert name in said


def test_a_database_that_cannot_be_used_is_named(shell):
    assert "KEYWRIGHT_CONSOLE_DATABASE_URL" in shell.refused(
        "database_unavailable",
        "user",
        "list",
        status=3,
        KEYWRIGHT_CONSOLE_DATABASE_URL="sqlite:////nonexistent/x.sqlite3",
    )
    assert "KEYWRIGHT_CONSOLE_DATABASE_URL" in shell.run("user", "list", KEYWRIGHT_CONSOLE_DATABASE_URL="x://y").stderr


def test_serve_needs_its_secret(ready):
    said = ready.refused("not_configured", "serve", "--port", str(free_port()), status=2)
    assert "KEYWRIGHT_CONSOLE_SECRET_KEY is not set" in said


def test_serve_names_a_port_that_is_taken(ready):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = ready.refused("port_taken", "serve", "--port", str(port), KEYWRIGHT_CONSOLE_SECRET_KEY="s" * 50)
    assert f"Port {port} on 127.0.0.1" in said


def test_a_fresh_console_serves_its_set_up_and_shows_what_the_shell_applied(shell, vendor):
    with serving(shell) as (address, said):
        _status, headers, body = get(f"{address}/")
        assert "Create the first System Admin" in body
        assert "'unsafe" not in headers["Content-Security-Policy"]
        assert get(f"{address}/static/keywright_look/theme.css")[0] == 200
        client = f"{address}/api/v4/license/client?format=old"
        assert json.loads(get(client)[2]) == {"IsLicensed": "false"}
        shell.done("license", "upload", shell.write("a", vendor.file(starts=TODAY)))
        assert json.loads(get(client)[2])["Users"] == "250"
        shell.done("license", "remove", "--yes")
        assert json.loads(get(client)[2]) == {"IsLicensed": "false"}
    assert f"System Console: {address}" in said[0]
    assert re.search(r"Set-up code for \S+/setup/: [0-9a-f]{32}", said[0])


def test_a_license_survives_a_restart_and_static_files_can_be_collected(ready, vendor):
    one = vendor.license(starts=TODAY)
    ready.done("license", "upload", ready.write("a", vendor.file(one)))
    collected = {"KEYWRIGHT_CONSOLE_STATIC_ROOT": str(ready.folder / "static")}
    for _ in range(2):
        with serving(ready, **collected) as (address, said):
            body = get(f"{address}/")[2]
            style = re.search(r'href="(/static/keywright_look/theme\.[0-9a-f]{12}\.css)"', body)
            assert "immutable" in get(f"{address}{style[1]}")[1]["Cache-Control"]
            assert json.loads(get(f"{address}/api/v4/license/client?format=old")[2])["IsLicensed"] == "true"
        assert "Set-up code" not in said[0]
