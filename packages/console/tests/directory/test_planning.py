import uuid

import pytest

from keywright_console.directory.entry import Entry
from keywright_console.directory.errors import EmptyAnswerError, UnknownEntriesError
from keywright_console.directory.planning import Known, in_figures, plan


def entry(name, *, key=None, username=None, email=None, dn=None):
    return Entry(
        key=f"k-{name}" if key is None else key,
        dn=dn or f"uid={name}",
        username=name if username is None else username,
        email=f"{name}@example.com" if email is None else email,
    )


def known(name, *, key=None, active=True, bot=False, gone=False, email=None, local=False):
    return Known(
        id=uuid.uuid5(uuid.NAMESPACE_DNS, name),
        username=name,
        email=email or f"{name}@example.com",
        is_active=active,
        is_bot=bot,
        key="" if local else (key or f"k-{name}"),
        dn="" if local else f"uid={name}",
        is_gone=gone,
    )


def test_nothing_to_do():
    made = plan(entries=[entry("ada")], known=[known("ada"), known("local", local=True)])
    assert in_figures(made) == {
        "found": 1,
        "created": 0,
        "updated": 0,
        "activated": 0,
        "deactivated": 0,
        "skipped": 0,
    }
    assert (made.changes, made.unchanged) == (0, 1)


def test_new_changed_gone_and_back():
    made = plan(
        entries=[entry("new"), entry("ada", email="ADA@Brightwater.example"), entry("back")],
        known=[known("ada"), known("left"), known("back", active=False, gone=True), known("long", active=False)],
    )
    assert [one.username for one in made.create] == ["new"]
    assert [(user.username, one.email) for user, one in made.update] == [("ada", "ada@brightwater.example")]
    assert [user.username for user, _ in made.activate] == ["back"]
    assert [user.username for user in made.deactivate] == ["left"]
    assert made.changes == 4


def test_who_was_deactivated_by_hand_stays_so():
    made = plan(entries=[entry("ada")], known=[known("ada", active=False)])
    assert (made.activate, made.unchanged) == ([], 1)


def test_a_user_of_this_console_alone_is_left_alone():
    assert plan(entries=[entry("ada")], known=[known("boss", local=True)]).deactivate == []


def test_username_and_address_together_are_the_same_person():
    user = known("ada", local=True)
    made = plan(entries=[entry("ada")], known=[user])
    assert made.link == [(user, entry("ada"))]
    assert made.create == []


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ({"username": "eve", "email": "boss@example.com"}, "Another user here has the email address"),
        ({"username": "boss", "email": "eve@example.com"}, "Another user here has the username"),
    ],
)
def test_one_of_both_takes_nobodys_account(claim, sentence):
    made = plan(entries=[entry("eve", **claim)], known=[known("boss", local=True)])
    assert (made.changes, made.link) == (0, [])
    assert sentence in made.skipped[0][1]


def test_nobody_takes_anothers_names_by_changing_ones_own():
    made = plan(entries=[entry("eve", email="boss@example.com")], known=[known("eve"), known("boss", local=True)])
    assert made.changes == 0
    assert made.skipped == [("uid=eve", "Another user here has the email address “boss@example.com”.")]


def test_an_entry_made_anew_is_the_same_user():
    user = known("ada", key="old")
    made = plan(entries=[entry("ada")], known=[user])
    assert (made.link, made.deactivate, made.create) == ([(user, entry("ada"))], [], [])


def test_two_entries_for_one_user_are_one_and_a_reason():
    user = known("ada", local=True)
    made = plan(entries=[entry("ada"), entry("ada", key="second", dn="uid=ada,ou=b")], known=[user])
    assert made.link == [(user, entry("ada"))]
    assert len(made.skipped) == 1
    made = plan(entries=[entry("new"), entry("new", key="second", dn="b")], known=[])
    assert ([one.key for one in made.create], len(made.skipped)) == (["k-new"], 1)
    made = plan(entries=[entry("new"), entry("other", key="k-new")], known=[])
    assert made.skipped == [("uid=other", "Another entry has the same id.")]


def test_a_bot_is_no_person():
    made = plan(entries=[entry("robot")], known=[known("robot", bot=True, local=True)])
    assert made.skipped == [("uid=robot", "A bot here has this username and email address.")]


def test_what_cannot_be_a_user_is_skipped_with_the_reason_and_not_gone():
    made = plan(
        entries=[entry("ada", email=""), entry("9lives"), entry("x", key=""), entry("bob")],
        known=[known("ada"), known("bob")],
    )
    assert [name for name, _ in made.skipped] == ["uid=ada", "uid=9lives", "uid=x"]
    assert made.skipped[0][1] == "Enter an email address, like name@example.com."
    assert made.deactivate == []


def test_a_directory_with_nobody_deactivates_nobody_and_says_why():
    with pytest.raises(EmptyAnswerError, match="nobody is deactivated: a wrong base DN or filter looks the same"):
        plan(entries=[], known=[known("ada"), known("bob")])


def test_entries_without_ids_deactivate_nobody():
    with pytest.raises(UnknownEntriesError, match="objectGUID"):
        plan(entries=[entry("ada", key=""), entry("bob", key="")], known=[known("ada")])


def test_a_name_that_moves_on_within_one_answer():
    """Ada gives her username up, and the next one takes it: the first run renames, the second finishes."""
    made = plan(
        entries=[entry("ada", username="ada2"), entry("bob", username="ada")], known=[known("ada"), known("bob")]
    )
    assert [(user.username, one.username) for user, one in made.update] == [("ada", "ada2")]
    assert made.skipped == [("uid=bob", "Another user here has the username “ada”.")]
