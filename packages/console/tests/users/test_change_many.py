import uuid

import pytest

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.users.csv_files import Problem
from keywright_console.users.models import ApiToken, PlannedChange, User
from keywright_console.users.selectors import count_active
from keywright_console.users.services import change_many as many_module
from keywright_console.users.services import plan_changes as plan_module
from keywright_console.users.services.api_tokens import issue_token
from keywright_console.users.services.change_many import change_many
from keywright_console.users.services.plan_changes import (
    PlanNotFoundError,
    TooManyChangesError,
    carry_out,
    plan_changes,
    plan_for,
)
from vendor import DAY


@pytest.fixture
def people(admin, member, now):
    made = {name: make_user(name) for name in ("ben", "cleo", "dora")}
    User.objects.filter(username="dora").update(deactivated_at=now)
    return made | {"anna": admin, "mika": member}


def active():
    return sorted(User.objects.filter(deactivated_at=None).values_list("username", flat=True))


def actions():
    return sorted(AuditRow.objects.exclude(action="user.created").values_list("action", "subject", "actor_kind"))


def wish(people, **wanted):
    return [(people[name].pk, state) for name, state in wanted.items()]


def test_many_are_changed_with_a_row_each(people, admin, now):
    issue_token(user=people["ben"], now=now)
    done = change_many(actor=admin.actor, changes=wish(people, ben=False, cleo=False, dora=True, mika=True), now=now)
    assert (done.deactivated, done.activated, done.unchanged, done.refused) == (2, 1, 1, [])
    assert active() == ["anna", "dora", "mika"]
    assert count_active() == 3
    assert not ApiToken.objects.exists()
    assert actions() == sorted(
        [
            ("user.deactivated", people["ben"].public_id, "user"),
            ("user.deactivated", people["cleo"].public_id, "user"),
            ("user.activated", people["dora"].public_id, "user"),
        ]
    )


def test_again_changes_nothing_more(people, now):
    for _ in range(2):
        done = change_many(actor=SHELL, changes=wish(people, ben=False), now=now)
    assert (done.deactivated, done.unchanged) == (0, 1)
    assert len(actions()) == 1


def test_oneself_and_the_last_admin_stay_and_the_others_go(people, admin, now):
    done = change_many(actor=admin.actor, changes=wish(people, anna=False, ben=False), now=now)
    assert done.refused == [("anna", "You can’t deactivate yourself.")]
    assert done.deactivated == 1
    second = make_user("second", is_system_admin=True)
    done = change_many(actor=SHELL, changes=[(admin.pk, False), (second.pk, False)], now=now)
    assert done.refused == [("second", "This is the last active System Admin.")]
    assert active() == ["cleo", "mika", "second"]


def test_who_does_not_exist_is_unchanged(people, now):
    done = change_many(actor=SHELL, changes=[(uuid.uuid4(), False)], now=now)
    assert (done.deactivated, done.unchanged) == (0, 1)


def test_a_member_changes_nobody(people, member, now):
    with pytest.raises(NotAllowedError):
        change_many(actor=member.actor, changes=wish(people, ben=False), now=now)
    assert active() == ["anna", "ben", "cleo", "mika"]


def test_what_was_done_before_an_interruption_stays_and_the_rest_can_follow(people, now, monkeypatch):
    monkeypatch.setattr(many_module, "BATCH", 1)
    changes = wish(people, ben=False, cleo=False)

    def interrupted():
        yield changes[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change_many(actor=SHELL, changes=interrupted(), now=now)
    assert active() == ["anna", "cleo", "mika"]
    assert change_many(actor=SHELL, changes=changes, now=now).deactivated == 1


def test_a_plan_shows_what_it_does_and_is_carried_out_once(people, admin, now):
    wanted = wish(people, anna=False, ben=False, dora=True, mika=True)
    plan_id = plan_changes(
        actor=admin.actor, changes=wanted, left_out=[Problem(number=3, text="It names no user.")], now=now
    )
    plan = plan_for(actor=admin.actor, plan_id=plan_id)
    assert (plan.deactivate, plan.activate, plan.unchanged, plan.seats) == (1, 1, 1, 0)
    assert [user.username for user in plan.named] == ["ben", "dora"]
    assert plan.refused == [("anna", "You can’t deactivate yourself.")]
    assert plan.left_out == [(3, "It names no user.")]
    assert active() == ["anna", "ben", "cleo", "mika"]
    done = carry_out(actor=admin.actor, plan_id=plan_id, now=now)
    assert (done.deactivated, done.activated) == (1, 1)
    assert active() == ["anna", "cleo", "dora", "mika"]
    with pytest.raises(PlanNotFoundError):
        carry_out(actor=admin.actor, plan_id=plan_id, now=now)


def test_another_admins_plan_is_not_found(people, admin, now):
    plan_id = plan_changes(actor=admin.actor, changes=wish(people, ben=False), now=now)
    second = make_user("second", is_system_admin=True)
    with pytest.raises(PlanNotFoundError):
        plan_for(actor=second.actor, plan_id=plan_id)
    with pytest.raises(PlanNotFoundError):
        carry_out(actor=second.actor, plan_id=plan_id, now=now)
    assert "ben" in active()


def test_plans_of_yesterday_go(people, admin, now):
    plan_changes(actor=admin.actor, changes=[], now=now)
    plan_changes(actor=admin.actor, changes=[], now=now + DAY)
    assert PlannedChange.objects.count() == 1


def test_a_plan_has_an_end(people, admin, now, monkeypatch):
    monkeypatch.setattr(plan_module, "MOST", 1)
    with pytest.raises(TooManyChangesError):
        plan_changes(actor=admin.actor, changes=wish(people, ben=False, cleo=False), now=now)
    assert not PlannedChange.objects.exists()
