import uuid

import pytest

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.users.errors import LastSystemAdminError, OwnAccountError, UserNotFoundError
from keywright_console.users.models import User
from keywright_console.users.services.change_role import change_role


def admins():
    return sorted(User.objects.filter(is_system_admin=True).values_list("username", flat=True))


def test_a_role_is_given_and_taken(admin, member, now):
    for wanted, expected in ((True, ["anna", "mika"]), (True, ["anna", "mika"]), (False, ["anna"])):
        change_role(actor=admin.actor, user_id=member.pk, is_system_admin=wanted, now=now)
        assert admins() == expected
    rows = AuditRow.objects.filter(action="user.role_changed").order_by("id").values_list("subject", "before", "after")
    assert list(rows) == [
        (member.public_id, {"is_system_admin": False}, {"is_system_admin": True}),
        (member.public_id, {"is_system_admin": True}, {"is_system_admin": False}),
    ]


def test_the_last_admin_keeps_it_and_nobody_takes_it_from_oneself(admin, member, now):
    with pytest.raises(LastSystemAdminError):
        change_role(actor=SHELL, user_id=admin.pk, is_system_admin=False, now=now)
    make_user("second", is_system_admin=True)
    with pytest.raises(OwnAccountError):
        change_role(actor=admin.actor, user_id=admin.pk, is_system_admin=False, now=now)
    with pytest.raises(NotAllowedError):
        change_role(actor=member.actor, user_id=member.pk, is_system_admin=True, now=now)
    with pytest.raises(UserNotFoundError):
        change_role(actor=SHELL, user_id=uuid.uuid4(), is_system_admin=True, now=now)
    assert admins() == ["anna", "second"]
