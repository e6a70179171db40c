"""Many users at once, on the pages: chosen, by how long they weren't here, by CSV; shown first, then done."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import make_user
from keywright_console.users.models import PlannedChange, User
from keywright_console.users.selectors import count_active
from pages import text_of
from vendor import DAY, NOON


@pytest.fixture
def people(member):
    made = {name: make_user(name) for name in ("ben", "cleo", "dora")}
    User.objects.filter(username="dora").update(deactivated_at=NOON)
    return made | {"mika": member}


def active():
    return sorted(User.objects.filter(deactivated_at=None).values_list("username", flat=True))


def send(client, text):
    return client.post("/users/csv/", {"users": SimpleUploadedFile("people.csv", text.encode())})


def test_chosen_users_are_shown_and_then_deactivated(as_admin, people):
    chosen = [people[name].public_id for name in ("ben", "cleo", "dora")]
    response = as_admin.post("/users/change/", {"user": chosen, "what": "deactivate"})
    path = response.headers["Location"]
    shown = text_of(as_admin.get(path))
    assert "To deactivate 2 2 seats become free To activate 0 As they should be already 1" in shown
    assert "ben ben@brightwater.example Active Deactivated" in shown
    assert active() == ["anna", "ben", "cleo", "mika"]
    assert as_admin.post(path).headers["Location"] == "/users/"
    assert "2 users are deactivated." in text_of(as_admin.get("/users/"))
    assert active() == ["anna", "mika"]
    assert "carried out already" in text_of(as_admin.get(path, follow=True))


def test_chosen_users_are_activated(as_admin, people):
    path = as_admin.post("/users/change/", {"user": [people["dora"].public_id, "no-id"], "what": "activate"}).headers[
        "Location"
    ]
    assert "1 seat more is taken" in text_of(as_admin.get(path))
    as_admin.post(path)
    assert "1 user is active again." in text_of(as_admin.get("/users/"))
    assert "dora" in active()


def test_nobody_chosen_changes_nothing(as_admin, people):
    as_admin.post("/users/change/", {"what": "deactivate"})
    assert "Choose users first." in text_of(as_admin.get("/users/"))
    assert not PlannedChange.objects.exists()


def test_all_who_were_not_here(as_admin, people):
    User.objects.filter(username__in=["ben", "cleo", "dora"]).update(created_at=NOON - 100 * DAY)
    path = as_admin.post("/users/change/", {"all": "1", "inactive": "90", "status": "all", "q": ""}).headers["Location"]
    assert "To deactivate 2" in text_of(as_admin.get(path))
    as_admin.post(path)
    assert active() == ["anna", "mika"]


def test_too_many_at_once_are_refused_in_words(as_admin, people, monkeypatch):
    monkeypatch.setattr("keywright_console.users.services.plan_changes.MOST", 1)
    as_admin.post("/users/change/", {"all": "1", "status": "active"})
    assert "These are more than 1 users." in text_of(as_admin.get("/users/"))


def test_oneself_stays_and_the_page_says_so(as_admin, admin, people):
    path = as_admin.post("/users/change/", {"all": "1", "status": "active"}).headers["Location"]
    assert "anna: You can’t deactivate yourself." in text_of(as_admin.get(path))
    as_admin.post(path)
    assert "anna: You can’t deactivate yourself." in text_of(as_admin.get("/users/"))
    assert active() == ["anna"]


def test_csv_from_choosing_to_done(as_admin, people):
    response = send(
        as_admin, "email,state\nben@brightwater.example,deactivated\nDORA@brightwater.example,active\nx,y\n"
    )
    path = response.headers["Location"]
    shown = text_of(as_admin.get(path))
    assert "Line 4: “y” is neither active nor deactivated." in shown
    assert "To deactivate 1" in shown
    assert "To activate 1" in shown
    as_admin.post(path)
    assert active() == ["anna", "cleo", "dora", "mika"]
    assert count_active() == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("who,what\na,b\n", "The first line must name the columns"), ("", "The submitted file is empty.")],
)
def test_a_file_that_is_none_is_refused_beside_the_field(as_admin, people, text, sentence):
    response = send(as_admin, text)
    assert response.status_code == 422
    assert sentence in text_of(response)


def test_a_large_file_is_read_whole_and_one_too_large_is_refused(as_admin, people):
    lines = "user,state\n" + "mika,active\n" * 10_000 + "ben,deactivated\n"  # more than a license may have
    path = send(as_admin, lines).headers["Location"]
    assert "To deactivate 1" in text_of(as_admin.get(path))
    response = send(as_admin, "user,state\n" + "ben,deactivated\n" * 600_000)
    assert response.status_code == 422
    assert "This file is larger than 8 MB." in text_of(response)


def test_the_list_is_downloaded_as_it_is_filtered(as_admin, people):
    response = as_admin.get("/users/export/?status=active&q=brightwater&inactive=")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="users-2026-03-12.csv"'
    rows = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()))
    assert [row["username"] for row in rows] == ["anna", "ben", "cleo", "mika"]
