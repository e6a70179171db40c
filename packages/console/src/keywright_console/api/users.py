from __future__ import annotations

import uuid
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from keywright_console.api.answers import answer, done
from keywright_console.api.calls import (
    InvalidBodyError,
    body_of,
    call,
    call_of_user,
    flag_of,
    storable,
    text_of,
    token_of,
)
from keywright_console.api.shapes import user_shape
from keywright_console.api.user_lists import listed
from keywright_console.kit.clock import now
from keywright_console.kit.ids import from_letters
from keywright_console.kit.requests import address_of
from keywright_console.users.errors import UserNotFoundError
from keywright_console.users.models import User
from keywright_console.users.selectors import count_active, user_for
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.api_tokens import issue_token, revoke_token
from keywright_console.users.services.change_role import change_role
from keywright_console.users.services.create_user import create_user
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.users.services.note_activity import note_activity
from keywright_console.users.services.sign_in import sign_in

ROLES = ({"system_user"}, {"system_user", "system_admin"})  # a member, a System Admin


@require_http_methods(["POST"])
@call
def login(request: HttpRequest) -> HttpResponse:
    """POST /users/login: the user, and the token in the `Token` header."""
    content = body_of(request)
    at = now()
    user = sign_in(
        login=text_of(content, "login_id") or username_of(text_of(content, "id")),
        password=text_of(content, "password"),
        address=address_of(request),
        now=at,
    )
    note_activity(user=user, now=at)
    response = answer(user_shape(user))
    response["Token"] = issue_token(user=user, now=at)
    return response


def username_of(public_id: str) -> str:
    """The username of an id, which clients may sign in with; nothing where it is nobody’s, and that signs nobody in."""
    try:
        user = User.objects.filter(pk=from_letters(public_id)).first()
    except ValueError:
        return ""
    return user.username if user else ""


@require_http_methods(["POST"])
@call
def logout(request: HttpRequest) -> HttpResponse:
    """POST /users/logout: OK, whether or not there was a session."""
    revoke_token(token=token_of(request))
    return done()


@require_http_methods(["GET", "HEAD"])
@call_of_user
def me(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every call
    return answer(user_shape(user))


@require_http_methods(["GET", "HEAD", "POST"])
@call_of_user
def users(request: HttpRequest, caller: User) -> HttpResponse:
    """GET lists a page of users, POST makes one."""
    if request.method == "POST":
        content = body_of(request)
        user = create_user(
            actor=caller.actor,
            email=text_of(content, "email"),
            username=text_of(content, "username"),
            password=text_of(content, "password"),
            now=now(),
        )
        return answer(user_shape(user), status=HTTPStatus.CREATED)
    return listed(request, caller)


@require_http_methods(["GET", "DELETE"])
@call_of_user
def one_user(request: HttpRequest, caller: User, user_id: uuid.UUID) -> HttpResponse:
    """GET shows the user, DELETE deactivates: nothing is ever deleted."""
    if request.method == "DELETE":
        deactivate_user(actor=caller.actor, user_id=user_id, now=now())
        return done()
    return answer(user_shape(user_for(actor=caller.actor, user_id=user_id)))


@require_http_methods(["GET", "HEAD"])
@call_of_user
def by_email(request: HttpRequest, caller: User, email: str) -> HttpResponse:  # noqa: ARG001 - the signature of every call
    return answer(user_shape(one_named(caller=caller, email=email.lower())))


@require_http_methods(["GET", "HEAD"])
@call_of_user
def by_username(request: HttpRequest, caller: User, username: str) -> HttpResponse:  # noqa: ARG001 - the same
    return answer(user_shape(one_named(caller=caller, username=username.lower())))


def one_named(*, caller: User, **name: str) -> User:
    """The user of this email address or username. For a member there is oneself and nobody else."""
    user = User.objects.filter(**name).first() if all(storable(text) for text in name.values()) else None
    if user is None:
        raise UserNotFoundError(_("There is no such user."))
    return user_for(actor=caller.actor, user_id=user.pk)


@require_http_methods(["PUT"])
@call_of_user
def roles(request: HttpRequest, caller: User, user_id: uuid.UUID) -> HttpResponse:
    """PUT makes a System Admin, or a member again: there are no other roles."""
    wanted = set(text_of(body_of(request), "roles").split())
    if wanted not in ROLES:
        raise InvalidBodyError(_("“roles” must be “system_user” or “system_user system_admin”."))
    change_role(actor=caller.actor, user_id=user_id, is_system_admin="system_admin" in wanted, now=now())
    return done()


@require_http_methods(["PUT"])
@call_of_user
def active(request: HttpRequest, caller: User, user_id: uuid.UUID) -> HttpResponse:
    wanted = flag_of(body_of(request), "active", required=True)
    change = activate_user if wanted else deactivate_user
    change(actor=caller.actor, user_id=user_id, now=now())
    return done()


@require_http_methods(["GET", "HEAD"])
@call_of_user
def stats(request: HttpRequest, caller: User) -> HttpResponse:  # noqa: ARG001 - the signature of every call
    return answer({"total_users_count": count_active()})
