"""What every call does first and last: find out who calls, turn errors into the API's shape."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from keywright_console.api.answers import refusal
from keywright_console.kit.clock import now
from keywright_console.kit.errors import ConsoleError
from keywright_console.users.models import User
from keywright_console.users.services.api_tokens import user_of_token
from keywright_console.users.services.note_activity import note_activity

Arguments = ParamSpec("Arguments")
Call = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]
CallOfUser = Callable[Concatenate[HttpRequest, User, Arguments], HttpResponse]

SCHEMES = frozenset({"bearer", "token"})

# Our stable code: what clients know it by, and the status.
ERRORS: dict[str, tuple[str, HTTPStatus]] = {
    "not_allowed": ("api.context.permissions.app_error", HTTPStatus.FORBIDDEN),
    "not_configured": ("api.license.add_license.invalid.app_error", HTTPStatus.INTERNAL_SERVER_ERROR),
    "user_not_found": ("app.user.missing_account.const", HTTPStatus.NOT_FOUND),
    "invalid_user": ("model.user.is_valid.app_error", HTTPStatus.BAD_REQUEST),
    "weak_password": ("model.user.is_valid.pwd.app_error", HTTPStatus.BAD_REQUEST),
    "email_taken": ("app.user.save.email_exists.app_error", HTTPStatus.BAD_REQUEST),
    "username_taken": ("app.user.save.username_exists.app_error", HTTPStatus.BAD_REQUEST),
    "last_system_admin": ("api.user.update_active.permissions.app_error", HTTPStatus.BAD_REQUEST),
    "own_account": ("api.user.update_active.permissions.app_error", HTTPStatus.FORBIDDEN),
    "wrong_credentials": ("api.user.login.invalid_credentials_email_username", HTTPStatus.UNAUTHORIZED),
    "too_many_attempts": ("api.user.check_user_login_attempts.too_many.app_error", HTTPStatus.TOO_MANY_REQUESTS),
    "expired": ("api.license.add_license.expired.app_error", HTTPStatus.BAD_REQUEST),
    "too_few_seats": ("api.license.add_license.unique_users.app_error", HTTPStatus.BAD_REQUEST),
    "too_large": ("api.license.add_license.too_large.app_error", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    "empty": ("api.license.add_license.array.app_error", HTTPStatus.BAD_REQUEST),
    "no_file": ("api.license.add_license.no_file.app_error", HTTPStatus.BAD_REQUEST),
}
# The library's other refusals: clients know one id for all that is wrong with a file; our code says which it was.
INVALID = ("api.license.add_license.invalid.app_error", HTTPStatus.BAD_REQUEST)


class InvalidBodyError(ConsoleError):
    code = "invalid_body"


def call(view: Call[Arguments]) -> Call[Arguments]:
    """A call that needs no session. Tokens come in a header and never in a cookie, so there is nothing to forge."""

    @csrf_exempt
    @functools.wraps(view)
    def run(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except InvalidBodyError as error:
            return refusal(request, id_="api.context.invalid_body_param.app_error", message=error.message, status=400)
        except ConsoleError as error:
            id_, status = ERRORS.get(error.code, INVALID)
            return refusal(request, id_=id_, message=error.message, status=status, detail=f"code={error.code}")

    return run


def call_of_user(view: CallOfUser[Arguments]) -> Call[Arguments]:
    """A call of somebody who signed in; the user is handed to it."""

    @call
    @functools.wraps(view)
    def run(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
        user = user_of(request)
        if user is None:
            return refusal(
                request,
                id_="api.context.session_expired.app_error",
                message=_("Invalid or expired session, please login again."),
                status=HTTPStatus.UNAUTHORIZED,
            )
        return view(request, user, *args, **kwargs)

    return run


def token_of(request: HttpRequest) -> str:
    """The bearer token of the header, or nothing."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in SCHEMES else ""


def user_of(request: HttpRequest) -> User | None:
    """Whose token the request carries."""
    token = token_of(request)
    if not token:
        return None
    at = now()
    user = user_of_token(token=token, now=at)
    if user is not None:
        note_activity(user=user, now=at)
    return user


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the body, or `InvalidBodyError`. Calls that need none never ask, so a stray one can't harm."""
    try:
        content = json.loads(request.body or b"{}")
    except (ValueError, RecursionError, RequestDataTooBig, UnreadablePostError) as error:
        raise InvalidBodyError(_("The body is no JSON that can be read. Send a JSON object.")) from error
    if not isinstance(content, dict):
        raise InvalidBodyError(_("The body is no JSON object. Send one."))
    return content


def text_of(content: dict[str, Any], name: str) -> str:
    """One text of the body. What is absent or null is empty; anything else than text is an error."""
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidBodyError(_("“%(name)s” must be text.") % {"name": name})
    if not storable(value):
        raise InvalidBodyError(_("“%(name)s” has characters that can’t be kept. Leave them out.") % {"name": name})
    return value


def flag_of(content: dict[str, Any], name: str, *, required: bool = False) -> bool:
    """One true or false of the body; absent is false, unless the call can't do without."""
    value = content.get(name)
    if value is None and not required:
        return False
    if not isinstance(value, bool):
        raise InvalidBodyError(_("“%(name)s” must be true or false.") % {"name": name})
    return value


def storable(text: str) -> bool:
    """Whether every database takes it: PostgreSQL has no NUL in text, and half a surrogate pair is no character."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def part_of(request: HttpRequest, name: str) -> tuple[bytes, int] | None:
    """The content of one uploaded file as far as it is kept, and its real size; None where there is none."""
    try:
        uploaded = request.FILES.get(name)
    except (MultiPartParserError, RequestDataTooBig, UnreadablePostError) as error:
        raise InvalidBodyError(_("The upload can’t be read. Send it as multipart/form-data.")) from error
    if uploaded is None:
        return None
    return uploaded.read(), uploaded.size or 0
