import csv
import io

import pytest

from conftest import make_user
from keywright_console.users.csv_files import Line, Problem, UnreadableCsvError, read, written
from keywright_console.users.models import User
from keywright_console.users.services.plan_changes import look_up
from vendor import NOON


def test_a_file_is_read_by_its_headings():
    lines, problems = read('\ufeffnote,Username,STATE\r\nx,anna,active\r\n,"ben",Deactivated\r\n\r\n'.encode())
    assert lines == [Line(number=2, who="anna", active=True), Line(number=3, who="ben", active=False)]
    assert problems == []


def test_the_surest_column_counts_and_semicolons_are_understood():
    assert read(b"email;id;state\na@example.com;abc;active\n")[0] == [Line(number=2, who="abc", active=True)]


def test_lines_that_say_nothing_are_told_by_number():
    _, problems = read(b"user,state\n,active\nanna,maybe\nben\n")
    assert problems == [
        Problem(number=2, text="It names no user."),
        Problem(number=3, text="“maybe” is neither active nor deactivated."),
        Problem(number=4, text="“” is neither active nor deactivated."),
    ]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "The first line must name the columns"),
        (b"anna,active\n", "The first line must name the columns"),
        (b"user,what\nanna,active\n", "The first line must name the columns"),
        (b"user,state\nanna,\xff\n", "isn’t UTF-8"),
        (b'user,state\n"anna" x,active\n', "Line 2 can’t be read as CSV"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(data, part):
    with pytest.raises(UnreadableCsvError, match=part):
        read(data)


def test_users_are_looked_up_by_any_of_their_names(admin, member):
    ben = make_user("ben")
    text = f"user,state\nANNA,active\n{member.email},deactivated\n{ben.public_id},deactivated\nnobody,active\n"
    lines, _ = read(text.encode())
    changes, problems = look_up(lines)
    assert changes == [(admin.pk, True), (member.pk, False), (ben.pk, False)]
    assert problems == [Problem(number=5, text="There is no user “nobody”.")]


def test_a_user_with_two_states_is_left_out(admin, member):
    lines, _ = read(b"user,state\nmika,active\nanna,active\nmika@brightwater.example,deactivated\n")
    changes, problems = look_up(lines)
    assert changes == [(admin.pk, True)]
    assert problems == [Problem(number=4, text="“mika@brightwater.example” stands in the file with both states.")]


def test_what_is_downloaded_can_be_sent_back(admin, member):
    User.objects.filter(pk=member.pk).update(deactivated_at=NOON)
    text = "".join(written(User.objects.order_by("username")))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["username"], row["role"], row["state"]) for row in rows] == [
        ("anna", "system_admin", "active"),
        ("mika", "member", "deactivated"),
    ]
    assert rows[1]["deactivated_at"] == "2026-03-12T12:00:00+00:00"
    lines, problems = read(text.encode())
    assert look_up(lines) == ([(admin.pk, True), (member.pk, False)], [])
    assert problems == []


def test_a_spreadsheet_carries_nothing_out():
    user = User(email="=cmd@example.com", username="a", created_at=NOON)
    assert "'=cmd@example.com" in list(written([user]))[1]
