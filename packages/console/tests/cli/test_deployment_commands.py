"""`keywright-console deployment …` and `usage …`, as one runs them."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from keywright_console.cli.commands import group
from keywright_license.activation import read_release, read_request
from keywright_license.usage import read_reports
from stand_in_portal import StandInPortal, running
from vendor import DAY

NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.replace(hour=0, minute=0, second=0)


class Here:
    """The command line in this process, on the test's database: a process of its own takes seconds."""

    def __init__(self, folder, settings):
        self.folder, self.settings = folder, settings

    def run(self, *arguments, stdin=""):
        return CliRunner().invoke(group, [str(one) for one in arguments], input=stdin)

    def done(self, *arguments):
        finished = self.run(*arguments)
        assert (finished.exit_code, finished.stderr) == (0, ""), finished
        return finished.stdout

    def refused(self, code, *arguments, status=1):
        finished = self.run(*arguments)
        assert finished.exit_code == status, finished
        assert finished.stderr.startswith(f"{code}: "), finished.stderr
        return finished.stderr

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        return name


@pytest.fixture
def ready(db, tmp_path, settings, monkeypatch, admin):
    monkeypatch.chdir(tmp_path)
    return Here(tmp_path, settings)


@pytest.fixture
def portal(vendor, ready, settings):
    made = StandInPortal(vendor, now=datetime.now(UTC))
    with running(made) as address:
        settings.KEYWRIGHT_CONSOLE_PORTAL_URL = address
        yield made


@pytest.fixture
def licensed(ready, portal, vendor):
    ready.done("license", "upload", ready.write("a", vendor.file(starts=TODAY - DAY)))
    return ready


def test_online_from_allowing_to_releasing(licensed, portal, vendor):
    licensed.refused("portal_not_allowed", "deployment", "activate")
    assert portal.heard == []
    licensed.done("deployment", "name", "chat.example", "--kind", "non-production")
    allowed = licensed.done("deployment", "allow", "--speak", "--licenses", "--usage")
    assert allowed == "on, fetches license changes, sends the daily count\n"
    made = json.loads(licensed.done("deployment", "activate", "--json"))
    assert (made["subscription"], made["kind"]) == ("sub-1", "non_production")
    shown = json.loads(licensed.done("deployment", "show", "--json"))
    assert (shown["activated"], shown["activation"], shown["name"]) == (True, made["activation"], "chat.example")
    assert shown["portal"] == {
        "may_speak": True,
        "fetches_licenses": True,
        "fetches_revocations": False,
        "sends_usage": True,
    }
    new = vendor.license(seats=270, starts=TODAY - DAY)
    portal.files = [(new, vendor.file(new))]
    assert json.loads(licensed.done("deployment", "fetch", "--json"))["applied"] == [
        {"id": new.id, "place": "in_force"}
    ]
    assert "declined" in licensed.run("deployment", "release", stdin="n\n").stderr
    assert "the Customer Portal knows" in licensed.done("deployment", "release", "--yes")
    assert portal.released == [made["activation"]]
    licensed.refused("not_activated", "deployment", "release", "--yes")


def test_by_files(licensed, portal, vendor):
    licensed.done("deployment", "request", "--output", "wish")
    request = (licensed.folder / "wish").read_bytes()
    assert read_request(request, now=datetime.now(UTC)).kind == "production"
    answer = portal.activate(request, (licensed.folder / "a").read_bytes())["activation"]
    assert "activated:" in licensed.done("deployment", "apply", licensed.write("answer", answer.encode()))
    licensed.refused("malformed", "deployment", "apply", licensed.write("x", b"nothing"))
    written = licensed.done("deployment", "release", "--yes", "--output", "back")
    assert written == "Written: back\n"
    key = next(iter(portal.keys.values()))
    assert read_release((licensed.folder / "back").read_bytes(), key=key).subscription == "sub-1"
    assert json.loads(licensed.done("deployment", "show", "--json"))["release_to_be_told"] is not None
    again = licensed.run("deployment", "release", "--again", "--output", "-")
    assert again.stdout_bytes == (licensed.folder / "back").read_bytes()
    assert portal.heard == []


def test_a_portal_that_is_away_ends_with_3(licensed, portal):
    licensed.done("deployment", "allow", "--speak")
    licensed.settings.KEYWRIGHT_CONSOLE_PORTAL_URL = "http://127.0.0.1:9"
    licensed.refused("portal_unreachable", "deployment", "activate", status=3)


def test_without_the_secret_it_is_named(licensed):
    licensed.settings.SECRET_KEY = ""
    said = licensed.refused("not_configured", "deployment", "request", "--output", "x", status=2)
    assert "KEYWRIGHT_CONSOLE_SECRET_KEY" in said


def test_another_secret_and_a_new_key(licensed, portal):
    licensed.done("deployment", "request", "--output", "x")
    licensed.settings.SECRET_KEY = "another-one-" * 5
    licensed.refused("sealed_key", "deployment", "request", "--output", "x")
    made = json.loads(licensed.done("deployment", "new-key", "--yes", "--json"))
    assert len(made["key"]) == 43
    licensed.done("deployment", "request", "--output", "x")


def test_allowing_nothing_is_a_misuse(licensed):
    finished = licensed.run("deployment", "allow")
    assert finished.exit_code == 2
    assert "Name at least one switch" in finished.stderr


def test_usage(licensed, portal):
    assert json.loads(licensed.done("usage", "show", "--json")) == []
    (draft,) = json.loads(licensed.done("usage", "preview", "--json"))
    assert json.loads(draft)["active_users"] == 1
    counted = json.loads(licensed.done("usage", "count", "--json"))
    assert (counted["counted"], counted["active_users"], counted["seq"]) == (True, 1, 1)
    assert "already" in licensed.done("usage", "count")
    assert "1 active, 0 deactivated, 0 bots" in licensed.done("usage", "show")
    licensed.refused("portal_not_allowed", "usage", "send")
    licensed.done("deployment", "allow", "--speak", "--usage")
    licensed.done("deployment", "activate")
    assert licensed.done("usage", "send") == "1 count is sent.\n"
    assert sorted(portal.reports) == [1]
    said = json.loads(licensed.done("usage", "export", "--output", "counts", "--json"))
    data = (licensed.folder / "counts").read_bytes()
    assert said == {"file": "counts", "bytes": len(data)}
    key = next(iter(portal.keys.values()))
    assert [one.report.seq for one in read_reports(data, key=key)] == [1]


def test_without_a_license(ready, portal):
    assert "no license, so no place is needed" in ready.done("deployment", "show")
    ready.refused("no_license", "deployment", "request", "--output", "x")
    assert "nobody to report to" in ready.done("usage", "preview")


def test_a_file_and_json_do_not_share_standard_output(licensed):
    licensed.done("usage", "count")
    finished = licensed.run("usage", "export", "--output", "-", "--json")
    assert finished.exit_code == 2
    licensed.refused("file", "usage", "export", "--output", "no/such/folder/x")
