"""What each command ends with, and how it tells errors: for people and for programs."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from bad_files import BAD

from conftest import PASSWORD
from shell import CONSOLE, TODAY, serving

GONE = {"KEYWRIGHT_CONSOLE_DATABASE_URL": "sqlite:////nonexistent/x.sqlite3"}


def test_refused_is_1(ready):
    assert ready.refused("user_not_found", "user", "activate", "nobody") == (
        "user_not_found: There is no user “nobody”. “keywright-console user list” shows all.\n"
    )
    assert ready.refused_as_json("user", "activate", "nobody") == {
        "code": "user_not_found",
        "message": "There is no user “nobody”. “keywright-console user list” shows all.",
    }


def test_a_refused_license_has_the_reference_of_the_audit_log(ready, vendor, stranger):
    code, make = BAD["another key"]
    error = ready.refused_as_json("license", "upload", ready.write("bad", make(vendor, stranger)))
    assert sorted(error) == ["code", "message", "reference"]
    assert (error["code"], len(error["reference"])) == (code, 26)


def test_misused_is_2(shell):
    for arguments in (("nothing",), ("license", "upload"), ("license", "upload", "none"), ("user", "list", "--odd")):
        finished = shell.run(*arguments)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert finished.stderr.startswith("Usage: keywright-console")
        assert shell.refused_as_json(*arguments, status=2)["code"] == "misused"


def test_a_command_without_its_verb_shows_the_verbs(shell):
    finished = shell.run("license")
    assert finished.returncode == 2
    assert "upload" in finished.stderr


def test_not_configured_is_2(ready, vendor):
    file = ready.write("a", vendor.file(starts=TODAY))
    error = ready.refused_as_json("license", "upload", file, status=2, KEYWRIGHT_CONSOLE_PRODUCT="")
    assert error["code"] == "not_configured"
    assert "KEYWRIGHT_CONSOLE_PRODUCT" in error["message"]
    error = ready.refused_as_json("user", "list", status=2, KEYWRIGHT_CONSOLE_DATABASE_URL="x://y")
    assert error["code"] == "not_configured"
    assert "KEYWRIGHT_CONSOLE_DATABASE_URL" in error["message"]


def test_unavailable_is_3(shell):
    shell.refused("database_unavailable", "user", "list", status=3, **GONE)
    assert shell.refused_as_json("user", "list", status=3, **GONE)["code"] == "database_unavailable"


def test_a_question_that_is_not_answered_with_yes_is_1_and_changes_nothing(ready, vendor):
    ready.done("license", "upload", ready.write("a", vendor.file(starts=TODAY)))
    for answer in ("n\n", ""):
        finished = ready.run("license", "remove", stdin=answer)
        assert (finished.returncode, finished.stdout) == (1, "")
        assert "declined: Nothing has been changed. With --yes the command doesn’t ask." in finished.stderr
    assert json.loads(ready.done("license", "show", "--json"))["licensed"] is True
    assert ready.run("license", "remove", stdin="y\n").stdout.startswith("Removed: ")


def test_a_program_is_asked_nothing(ready, vendor):
    ready.done("license", "upload", ready.write("a", vendor.file(starts=TODAY)))
    assert ready.refused_as_json("license", "remove", status=2, stdin="y\n") == {
        "code": "misused",
        "message": "With --json no question is asked. Give --yes as well.",
    }
    assert json.loads(ready.done("license", "show", "--json"))["licensed"] is True


def test_interrupted_is_130(ready):
    process = subprocess.Popen(
        [CONSOLE, "user", "create", "--email", "b@example.com", "--username", "ben", "--password-stdin"],
        env=ready.environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ready.folder,
        # A shell that started the tests in the background has them, and what they start, ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads here)
    )
    until_it_reads(process.pid)
    process.send_signal(signal.SIGINT)
    _out, error = process.communicate(timeout=30)
    assert (process.returncode, error.strip()) == (130, "interrupted: Interrupted. What was done until then is kept.")
    assert [user["username"] for user in json.loads(ready.done("user", "list", "--json"))] == ["anna"]


def until_it_reads(pid):
    """Wait until the process sleeps in a read of its standard input: it waits for the password."""
    for _ in range(600):
        if "pipe" in wait_channel(pid):
            return
        time.sleep(0.05)
    raise AssertionError("it never came to ask")


def wait_channel(pid):
    return Path(f"/proc/{pid}/wchan").read_text()


def test_json_on_every_command_of_the_license(ready, vendor):
    one = vendor.license(starts=TODAY)
    file = ready.write("a", vendor.file(one))
    assert json.loads(ready.done("license", "upload", file, "--json")) == {
        "id": one.id,
        "place": "in_force",
        "changed": True,
    }
    assert json.loads(ready.done("license", "remove", "--yes", "--json")) == {"removed": [one.id]}
    assert json.loads(ready.done("license", "show", "--json")) == {
        "licensed": False,
        "active_users": 1,
        "in_force": None,
        "waiting": None,
    }


def test_json_on_every_command_of_users(ready):
    create = ("user", "create", "--email", "b@example.com", "--username", "ben", "--password-stdin", "--json")
    made = json.loads(ready.done(*create, stdin=f"{PASSWORD}\n"))
    assert (made["username"], made["active"], made["deactivated_at"]) == ("ben", True, None)
    gone = json.loads(ready.done("user", "deactivate", "ben", "--json"))
    assert (gone["id"], gone["active"]) == (made["id"], False)
    back = json.loads(ready.done("user", "activate", "ben", "--json"))
    assert (back["id"], back["active"], back["deactivated_at"]) == (made["id"], True, None)
    changed = ready.done("user", "set-password", "ben", "--password", "another good horse", "--json")
    assert json.loads(changed)["id"] == made["id"]
    assert json.loads(ready.done("user", "list", "--search", "nobody", "--json")) == []


def test_json_on_the_rest(ready):
    assert json.loads(ready.done("migrate", "--json")) == {"up_to_date": True}
    assert json.loads(ready.done("completion", "zsh", "--json"))["script"].startswith("#compdef keywright-console")


def test_a_server_tells_a_program_where_it_is(shell):
    with serving(shell, "--json") as (address, said):
        pass
    told, _end = json.JSONDecoder().raw_decode(said[0])
    assert (told["address"], told["setup"]["page"]) == (address, f"{address}/setup/")
    assert len(told["setup"]["code"]) == 32


GUIDE = (Path(__file__).resolve().parents[4] / "docs" / "console-cli.md").read_text()


def told_members(of):
    """The members that the guide promises of a thing."""
    return set(re.findall(r"`(\w+)`", re.search(rf"^\| {of} \| (.+) \|$", GUIDE, re.MULTILINE)[1]))


def test_what_the_guide_promises_of_json_is_there(ready, vendor):
    ready.done("license", "upload", ready.write("a", vendor.file(starts=TODAY)))
    shown = json.loads(ready.done("license", "show", "--json"))
    user = json.loads(ready.done("user", "list", "--json"))[0]
    assert told_members("a user")
    assert told_members("a user") <= set(user)
    assert told_members("a license") <= set(shown["in_force"])
    assert told_members("`license show`") - {"license", "show"} <= set(shown)


def test_a_reader_who_left_is_no_fault(ready):
    """`keywright-console user list | head -1`: no traceback when the pipe closes."""
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [CONSOLE, "user", "list"], env=ready.environment, stdout=writing, stderr=subprocess.PIPE, cwd=ready.folder
    )
    os.close(writing)
    error = process.communicate(timeout=60)[1]
    assert (process.returncode, error) == (1, b"")
