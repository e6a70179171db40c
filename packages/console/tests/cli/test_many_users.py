"""Many users at the command line: roles, CSV there and back, who wasn't here."""

import csv
import json
from pathlib import Path

CSV = "username,state\nben,deactivated\ncleo,deactivated\nnobody,active\nanna,deactivated\n"


def create(shell, *names):
    for name in names:
        shell.done(
            "user",
            "create",
            "--email",
            f"{name}@example.com",
            "--username",
            name,
            "--password-stdin",
            stdin="a correct horse battery",
        )


def active(shell):
    return [user["username"] for user in json.loads(shell.done("user", "list", "--active", "--json"))]


def test_a_role_is_given_and_taken(ready):
    create(ready, "ben")
    assert ready.done("user", "set-role", "ben", "system-admin") == "ben is a System Admin.\n"
    assert json.loads(ready.done("user", "set-role", "ben", "member", "--json"))["is_system_admin"] is False
    ready.refused("last_system_admin", "user", "set-role", "anna", "member")
    ready.refused("user_not_found", "user", "set-role", "nobody", "member")


def test_a_csv_is_tried_and_then_carried_out(ready):
    create(ready, "ben", "cleo")
    file = ready.write("people.csv", CSV.encode())
    tried = json.loads(ready.done("user", "change", "--csv", file, "--dry-run", "--json"))
    assert tried == {
        "deactivate": 2,
        "activate": 0,
        "unchanged": 0,
        "left_out": [{"line": 4, "reason": "There is no user “nobody”."}],
        "refused": [{"username": "anna", "reason": "This is the last active System Admin."}],
    }
    assert active(ready) == ["anna", "ben", "cleo"]
    said = ready.done("user", "change", "--csv", file, "--yes")
    assert said.splitlines() == [
        "Line 4 is left out: There is no user “nobody”.",
        "anna: This is the last active System Admin.",
        "2 deactivated, 0 activated, 1 as they were.",
    ]
    assert active(ready) == ["anna"]


def test_it_asks_first(ready):
    create(ready, "ben")
    file = ready.write("people.csv", b"user,state\nben,deactivated\n")
    finished = ready.run("user", "change", "--csv", file, stdin="n\n")
    assert finished.returncode == 1
    assert "Deactivate 1 and activate 0 users?" in finished.stderr
    assert active(ready) == ["anna", "ben"]


def test_a_file_that_is_none_is_refused(ready):
    ready.refused("unreadable_csv", "user", "change", "--yes", "--csv", ready.write("x.csv", b"who\nben\n"))


def test_the_list_goes_out_and_comes_back(ready):
    create(ready, "ben")
    target = str(ready.folder / "out.csv")
    ready.done("user", "export", "--output", target)
    rows = list(csv.DictReader(Path(target).read_text(encoding="utf-8").splitlines()))
    assert [(row["username"], row["state"]) for row in rows] == [("anna", "active"), ("ben", "active")]
    text = ready.done("user", "export", "--search", "ben", "--output", "-")
    file = ready.write("back.csv", text.replace(",active,", ",deactivated,").encode())
    ready.done("user", "change", "--csv", file, "--yes")
    assert active(ready) == ["anna"]


def test_who_was_not_here(ready, tmp_path):
    create(ready, "ben")
    assert ready.done("user", "list", "--inactive", "1") == ""
    clock = tmp_path / "clock"
    clock.write_text(str(91 * 24 * 3600))
    found = json.loads(ready.done("user", "list", "--inactive", "90", "--json", KEYWRIGHT_CLOCK_FILE=str(clock)))
    assert [user["username"] for user in found] == ["anna", "ben"]
