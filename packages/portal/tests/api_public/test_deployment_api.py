from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywright_license import TrustedKeys, activation, zbase32
from keywright_portal.api.activations import ACTIVATIONS
from keywright_portal.kit import clock
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.deployment_models import Deployment, UsageReport
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.subscriptions.models import Term
from licensed import issue_again, license_for
from server_double import Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog", "signing_keys")]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at(monkeypatch, now):
    cache.clear()

    def set_clock(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_clock(now)
    return set_clock


@pytest.fixture
def server(buyer, now):
    return Server(license_for(buyer.organization, now=now), now, name="chat.brightwater.example")


@pytest.fixture
def post(client):
    def _post(path, body, **named):
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return client.post(f"/api/v1/{path}", content, content_type="application/json", **named)

    return _post


@pytest.fixture
def activate(post):
    def _activate(server, **changed):
        return post("activations", {"request": server.request(**changed).decode(), "license": server.content.decode()})

    return _activate


@pytest.fixture
def newest(client):
    def _newest(server, *, of=None, query="", **changed):
        return client.get(
            f"/api/v1/licenses/{of or server.subscription}/newest{query}",
            headers={"Authorization": f"Keywright {server.request(**changed).decode().strip()}"},
        )

    return _newest


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].endswith((".", "“Authorization: Keywright …”."))
    return True


# ---- Activating ------------------------------------------------------------------------------------------------------


def test_a_server_gets_its_place_and_an_answer_that_it_verifies(activate, server, now):
    answer = activate(server)
    assert answer.status_code == 200
    said = answer.json()
    place = Deployment.objects.get()
    assert {**said, "activation": ""} == {
        "activation": "",
        "id": zbase32.encode(place.pk),
        "subscription": server.subscription,
        "deployment": server.id,
        "kind": "production",
        "slot": 0,
        "activated_at": "2026-03-12T09:30:00Z",
    }
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    read = activation.read_activation(said["activation"].encode(), keys=keys, product="enterprise-edition", now=now)
    activation.check_belongs(read, subscription=server.subscription, deployment=server.id, key=server.key.public_key())
    assert activate(server).json()["id"] == said["id"]
    assert AuditEntry.objects.get(action="deployment.activated").actor_name == "deployment"


def test_where_no_place_is_free_the_answer_names_who_has_it(activate, server, now):
    activate(server)
    answer = activate(Server(server.file, now))
    assert refused(answer, 409, "no_free_place")
    assert answer.json()["in_the_way"] == [
        {
            "deployment": server.id,
            "name": "chat.brightwater.example",
            "kind": "production",
            "slot": 0,
            "activated_at": "2026-03-12T09:30:00Z",
            "last_seen_at": "2026-03-12T09:30:00Z",
            "release_due_at": None,
        }
    ]
    assert "“chat.brightwater.example” holds the place" in answer.json()["message"]


def test_what_an_activation_is_refused_for(activate, server, post, now):
    for changed, status, code in (
        ({"license_sha256": "A" * 43}, 404, "unknown_license"),
        ({"product": "another"}, 422, "wrong_product"),
        ({"issued_at": now - timedelta(hours=1, seconds=1)}, 409, "stale_request"),
        ({"issued_at": now + timedelta(days=1, seconds=1)}, 409, "stale_request"),
    ):
        assert refused(activate(server, **changed), status, code)
    request, license_ = server.request().decode().strip(), server.content.decode()
    for body, status, code in (
        ({"request": request[:-4] + "AAA" + request[-1], "license": license_}, 403, "bad_signature"),
        ({"request": request[:-9], "license": license_}, 422, "malformed"),
        ({"request": server.report().decode(), "license": license_}, 422, "wrong_kind"),
        ({"request": request, "license": license_[:-9]}, 404, "unknown_license"),
        ({"request": request}, 422, "invalid_request"),
        ({"request": request, "license": license_, "seats": 9}, 422, "invalid_request"),
        ({"request": request, "license": "x" * 70_000}, 422, "invalid_request"),
        ({"request": "é", "license": license_}, 422, "malformed"),
        ("no json", 400, "invalid_request"),
        (json.dumps({"request": request, "license": "x" * 300_000}), 413, "too_large"),
    ):
        assert refused(post("activations", body), status, code)
    License.objects.update(revoked_at=now)
    assert refused(activate(server), 409, "license_revoked")
    assert Deployment.objects.count() == 0


def test_activations_are_limited_by_address(activate, server):
    for _ in range(ACTIVATIONS.count):
        assert activate(server).status_code == 200
    answer = activate(server)
    assert refused(answer, 429, "too_many_requests")
    assert int(answer["Retry-After"]) <= ACTIVATIONS.seconds


def test_an_activation_asks_the_database_a_fixed_number_of_times(activate, server, now):
    with CaptureQueriesContext(connection) as first:
        activate(server)
    for _ in range(4):
        activate(Server(server.file, now, kind="non_production"))
    with CaptureQueriesContext(connection) as again:
        activate(server)
    assert len(again) <= len(first) <= MOST_QUERIES


MOST_QUERIES = 40  # six are the limit's; the row, the audit trail and a mail to one owner are the rest


# ---- Releasing -------------------------------------------------------------------------------------------------------


def test_a_server_releases_its_place(activate, server, post):
    given = activate(server).json()["id"]
    message = {"release": server.release(given).decode()}
    for _ in range(2):
        answer = post("releases", message)
        assert answer.json() == {"id": given, "deployment": server.id, "released_at": "2026-03-12T09:30:00Z"}
    assert Deployment.objects.filter(released_at=None).count() == 0


def test_what_a_release_is_refused_for(activate, server, post, now):
    given = activate(server).json()["id"]
    message = server.release(given).decode().strip()
    for text, status, code in (
        (Server(server.file, now).release(given).decode(), 404, "unknown_activation"),
        (server.release(server.id).decode(), 404, "unknown_activation"),
        (message[:-4] + "AAA" + message[-1], 403, "bad_signature"),
        (server.request().decode(), 422, "wrong_kind"),
        ("nothing", 422, "malformed"),
    ):
        assert refused(post("releases", {"release": text}), status, code)
    assert Deployment.objects.filter(released_at=None).count() == 1


# ---- Usage -----------------------------------------------------------------------------------------------------------


def test_reports_are_recorded_and_the_answer_tells_what_is_missing(activate, server, post, at, now):
    activate(server)
    at(now + 30 * DAY)
    lines = [server.report(140 + day).decode() for day in range(10)]
    answer = post("usage", {"reports": lines[0] + "\n" + lines[4]})
    assert answer.json() == {
        "received": 2,
        "already_known": 0,
        "newest_seq": 5,
        "missing": [[2, 4]],
        "forked": False,
    }
    answer = post("usage", {"reports": "\n".join(lines) + "\n"})
    assert answer.json() == {"received": 8, "already_known": 2, "newest_seq": 10, "missing": [], "forked": False}
    assert UsageReport.objects.count() == 10


def test_what_reports_are_refused_for(activate, server, post, now):
    line = server.report().decode()
    assert refused(post("usage", {"reports": line}), 404, "unknown_activation")
    activate(server)
    other = Server(server.file, now, id=server.id)
    for text, status, code in (
        (line[:-4] + "AAA" + line[-1], 403, "bad_signature"),
        (line + "\n" + other.report().decode(), 403, "unknown_key"),
        (server.request().decode(), 422, "wrong_kind"),
        ("nothing", 422, "malformed"),
        ("x" * 200_000, 422, "invalid_request"),
    ):
        assert refused(post("usage", {"reports": text}), status, code)
    assert UsageReport.objects.count() == 0


# ---- The newest file -------------------------------------------------------------------------------------------------


def test_a_server_fetches_the_file_that_superseded_its_own(activate, server, newest, at, now):
    activate(server)
    (own,) = newest(server).json()["files"]
    assert own["content"] == server.content.decode()
    term = server.file.license.term
    term.seats = 250
    at(now + DAY)
    server.now = now + DAY
    later = issue_again(term, now=now + DAY)
    answer = newest(server)
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.json()["files"] == [
        {
            "license_id": zbase32.encode(later.file_id),
            "format": "keywright",
            "name": later.name,
            "issued_at": "2026-03-13T09:30:00Z",
            "starts_at": "2026-03-12T00:00:00Z",
            "expires_at": "2027-03-12T12:00:00Z",
            "seats": 250,
            "content": bytes(later.content).decode(),
        }
    ]
    assert Deployment.objects.get().last_seen_at == now + DAY
    entry = AuditEntry.objects.get(action="license.downloaded")
    assert entry.after["file"] == str(later.file_id)


def test_it_gets_the_format_that_it_has_unless_it_asks_for_another(activate, server, newest):
    activate(server)
    assert [file["format"] for file in newest(server, query="?format=mattermost").json()["files"]] == ["mattermost"]
    server.file = LicenseFile.objects.get(format="mattermost")
    assert [file["format"] for file in newest(server).json()["files"]] == ["mattermost"]
    assert refused(newest(server, query="?format=pdf"), 422, "invalid_request")


def test_the_next_terms_file_comes_with_it_and_a_past_one_does_not(activate, server, newest, at):
    activate(server)
    term = server.file.license.term
    following = Term.objects.create(
        subscription=term.subscription,
        number=2,
        starts_at=term.ends_at,
        ends_at=term.ends_at + 365 * DAY,
        plan=term.plan,
        seats=300,
        price_per_user=1,
        currency="USD",
    )
    renewed = issue_again(following, now=term.ends_at - 30 * DAY)
    for instant, seats in (
        (term.ends_at - 20 * DAY, [200, 300]),
        (term.ends_at + 10 * DAY, [200, 300]),
        (term.ends_at + 11 * DAY, [300]),
    ):
        at(instant)
        server.now = instant
        assert [file["seats"] for file in newest(server).json()["files"]] == seats
    assert renewed.seats == 300


def test_nothing_is_handed_out_of_a_revoked_license(activate, server, newest, now):
    activate(server)
    License.objects.update(revoked_at=now)
    assert newest(server).json() == {"files": []}


def test_who_holds_no_place_gets_no_file(activate, server, newest, post, stranger):
    now = server.now
    assert refused(newest(server), 403, "not_activated")
    given = activate(server).json()["id"]
    other = Server(license_for(stranger.organization, now=now), now)
    assert refused(newest(other), 403, "not_activated")
    assert refused(newest(server, of=other.subscription), 404, "unknown_license")
    assert refused(newest(server, of="nonsense"), 404, "unknown_license")
    assert refused(newest(Server(server.file, now)), 403, "not_activated")
    assert refused(newest(server, issued_at=now - timedelta(hours=2)), 409, "stale_request")
    post("releases", {"release": server.release(given).decode()})
    assert refused(newest(server), 403, "not_activated")


def test_who_signs_nothing_gets_no_file(activate, server, client):
    activate(server)
    for headers in ({}, {"Authorization": "Basic dXNlcjpwYXNz"}):
        answer = client.get(f"/api/v1/licenses/{server.subscription}/newest", headers=headers)
        assert refused(answer, 401, "not_signed_request")
