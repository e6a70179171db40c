"""The API's description in OpenAPI 3.1.

Written by hand, since the shapes were there before us. The tests hold every call, every method and every answer
against it.
"""

from __future__ import annotations

from typing import Any

from keywright_console import __version__
from keywright_console.api.calls import ERRORS, INVALID
from keywright_console.api.schemas import ID, TEXT, Schema, components, reference
from keywright_console.api.user_lists import LONGEST_DAYS, PER_PAGE, PER_PAGE_MAX

NO_SESSION = "api.context.session_expired.app_error"
INVALID_BODY = "api.context.invalid_body_param.app_error"
# Codes of ours that the calls below may answer with, by what they are about.
UPLOAD = ("expired", "too_few_seats", "too_large", "empty", "no_file")
NEW_USER = ("not_allowed", "invalid_user", "weak_password", "email_taken", "username_taken")
STANDING = ("not_allowed", "user_not_found", "last_system_admin", "own_account")

JSON_TYPE = "application/json"
FORM_TYPE = "multipart/form-data"


def openapi() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The System Console’s API",
            "version": __version__,
            "description": (
                "Calls of the Mattermost v4 API that clients in the field speak. Sign in with POST /users/login, then "
                "send the answer’s header Token as a bearer token. Every answer is exactly application/json."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}],
        "tags": [
            {"name": "users", "description": "Who may sign in, and who takes a seat."},
            {"name": "license", "description": "The license in force."},
            {"name": "system", "description": "Figures, and whether the server is there."},
        ],
        "paths": {f"/api/v4{path}": methods for path, methods in paths().items()},
        "components": {
            "schemas": components(),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def paths() -> dict[str, Any]:
    return {**session_paths(), **user_paths(), **license_paths(), **system_paths()}


def session_paths() -> dict[str, Any]:
    return {
        "/users/login": {
            "post": call(
                "login",
                "Sign in. After ten wrong passwords in a quarter of an hour an account waits for the rest of it.",
                tag="users",
                good=(200, "User"),
                token=True,
                body="SignIn",
                codes=("wrong_credentials", "too_many_attempts"),
                session=False,
            )
        },
        "/users/logout": {
            "post": call("logout", "End the session, if there is one.", tag="users", good=(200, "Done"), session=False)
        },
        "/users/me": {"get": call("getMe", "The user who signed in.", tag="users", good=(200, "User"))},
    }


def user_paths() -> dict[str, Any]:
    user = [in_path("user_id", ID)]
    return {
        "/users": {
            "get": call(
                "getUsers",
                "A page of users by username.",
                tag="users",
                good=(200, {"type": "array", "items": reference("User")}),
                parameters=[
                    in_query("page", {"type": "integer", "minimum": 0, "default": 0}),
                    in_query(
                        "per_page",
                        {"type": "integer", "minimum": 1, "default": PER_PAGE},
                        f"At most {PER_PAGE_MAX} are given.",
                    ),
                    in_query("active", {"enum": ["true", "false"]}, "true: those alone that take a seat."),
                    in_query("inactive", {"enum": ["true", "false"]}, "true: those alone that are deactivated."),
                    in_query(
                        "inactive_days",
                        {"type": "integer", "minimum": 0, "maximum": LONGEST_DAYS},
                        "Our own: those alone that take a seat and weren’t here for so many days.",
                    ),
                ],
                codes=("not_allowed",),
            ),
            "post": call(
                "createUser",
                "Make a member who can sign in at once. Seats aren’t asked: whoever is over them is let in.",
                tag="users",
                good=(201, "User"),
                body="NewUser",
                codes=NEW_USER,
            ),
        },
        "/users/search": {
            "post": call(
                "searchUsers",
                "Users by a text, in order of username.",
                tag="users",
                good=(200, {"type": "array", "items": reference("User")}),
                body="Search",
                codes=("not_allowed",),
            )
        },
        "/users/active": {
            "put": call(
                "setManyActive",
                "Our own: deactivate or activate many users. Whoever may not be changed is named with the reason.",
                tag="users",
                good=(200, "Changed"),
                body="ManyActive",
                codes=("not_allowed",),
            )
        },
        "/users/stats": {"get": call("getUserCount", "Active users.", tag="users", good=(200, "UserCount"))},
        "/users/{user_id}": {
            "get": call(
                "getUser", "One user.", tag="users", good=(200, "User"), parameters=user, codes=("user_not_found",)
            ),
            "delete": call(
                "deactivateUser",
                "Deactivate a user: nothing is ever deleted, the seat is free.",
                tag="users",
                good=(200, "Done"),
                parameters=user,
                codes=STANDING,
            ),
        },
        "/users/{user_id}/active": {
            "put": call(
                "setActive",
                "Deactivate or activate a user.",
                tag="users",
                good=(200, "Done"),
                parameters=user,
                body="Active",
                codes=STANDING,
            )
        },
        "/users/{user_id}/roles": {
            "put": call(
                "setRoles",
                "Make a System Admin, or a member again.",
                tag="users",
                good=(200, "Done"),
                parameters=user,
                body="Roles",
                codes=STANDING,
            )
        },
        "/users/email/{email}": {
            "get": call(
                "getUserByEmail",
                "The user of an email address.",
                tag="users",
                good=(200, "User"),
                parameters=[in_path("email", {**TEXT, "pattern": "^[^/]+$"})],
                codes=("user_not_found",),
            )
        },
        "/users/username/{username}": {
            "get": call(
                "getUserByUsername",
                "The user of a username.",
                tag="users",
                good=(200, "User"),
                parameters=[in_path("username", {**TEXT, "pattern": "^[^/]+$"})],
                codes=("user_not_found",),
            )
        },
    }


def license_paths() -> dict[str, Any]:
    return {
        "/license": {
            "post": call(
                "uploadLicense",
                "Apply a license. It is in force on every node at the next request; one for a later term waits.",
                tag="license",
                good=(200, "License"),
                body="Upload",
                codes=("not_allowed", *UPLOAD, "not_configured"),
                invalid=True,
            ),
            "delete": call(
                "removeLicense",
                "Remove the license in force and one that waits. OK, too, where there is none.",
                tag="license",
                good=(200, "Done"),
                codes=("not_allowed",),
            ),
        },
        "/license/preview": {
            "post": call(
                "previewLicense",
                "What an upload would apply. Nothing is saved.",
                tag="license",
                good=(200, "License"),
                body="Upload",
                codes=("not_allowed", *UPLOAD, "not_configured"),
                invalid=True,
            )
        },
        "/license/client": {
            "get": call(
                "getClientLicense",
                "The license as a flat map of texts. Who may not manage it learns neither id nor contact nor dates.",
                tag="license",
                good=(200, "ClientLicense"),
                parameters=[in_query("format", {"const": "old"}, required=True)],
                ids={400: ("api.license.client.old_format.app_error",)},
                codes=("not_configured",),
                session=False,
            )
        },
        "/license/load_metric": {
            "get": call(
                "getLoadMetric",
                "Monthly active users by the license’s seats; 0 without a license.",
                tag="license",
                good=(200, "LoadMetric"),
                codes=("not_configured",),
            )
        },
    }


def system_paths() -> dict[str, Any]:
    return {
        "/analytics/old": {
            "get": call(
                "getAnalytics",
                "The standard figures about users.",
                tag="system",
                good=(200, "Figures"),
                parameters=[
                    in_query("name", {"const": "standard", "default": "standard"}),
                    in_query("team_id", TEXT, "Taken and not used: there are no teams."),
                ],
                ids={400: ("api.admin.analytics.name.app_error",)},
                codes=("not_allowed",),
            )
        },
        "/system/ping": {
            "get": call("ping", "Whether the server is there.", tag="system", good=(200, "Done"), session=False)
        },
        "/openapi.json": {
            "get": call("getDescription", "This.", tag="system", good=(200, {"type": "object"}), session=False)
        },
    }


def call(
    operation: str,
    summary: str,
    *,
    tag: str,
    good: tuple[int, str | Schema],
    parameters: list[dict[str, Any]] | None = None,
    body: str | None = None,
    codes: tuple[str, ...] = (),
    ids: dict[int, tuple[str, ...]] | None = None,
    invalid: bool = False,
    session: bool = True,
    token: bool = False,
) -> dict[str, Any]:
    """One operation. `codes` are ours, which `ERRORS` turns into ids and statuses; `invalid` adds the one id of all
    that is wrong with a license.
    """
    status, shape = good
    fine: dict[str, Any] = {"description": "Done.", "content": in_json(shape)}
    if token:
        fine["headers"] = {"Token": {"required": True, "schema": TEXT, "description": "The session’s bearer token."}}
    found: dict[int, set[str]] = {}
    for their_id, their_status in (*(ERRORS[code] for code in codes), *([INVALID] if invalid else ())):
        found.setdefault(int(their_status), set()).add(their_id)
    for their_status, their_ids in (ids or {}).items():
        found.setdefault(their_status, set()).update(their_ids)
    if any(parameter["in"] == "path" for parameter in parameters or ()):
        found.setdefault(404, set()).add("api.context.404.app_error")
    if session:
        found.setdefault(401, set()).add(NO_SESSION)
    if body:
        found.setdefault(400, set()).add(INVALID_BODY)
        found.setdefault(413, set()).add("api.context.too_large.app_error")
    described: dict[str, Any] = {
        "operationId": operation,
        "summary": summary,
        "tags": [tag],
        "responses": {str(status): fine, **{str(one): failed(found[one]) for one in sorted(found)}},
    }
    if parameters:
        described["parameters"] = parameters
    if body:
        kind = FORM_TYPE if body == "Upload" else JSON_TYPE
        described["requestBody"] = {"required": True, "content": {kind: {"schema": reference(body)}}}
    if not session:
        described["security"] = []
    return described


def failed(ids: set[str]) -> dict[str, Any]:
    """A refusal, with the ids by which clients tell them apart."""
    return {"description": "; ".join(sorted(ids)), "content": in_json("Error")}


def in_json(shape: str | Schema) -> dict[str, Any]:
    return {JSON_TYPE: {"schema": reference(shape) if isinstance(shape, str) else shape}}


def in_path(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, schema: Schema, description: str = "", *, required: bool = False) -> dict[str, Any]:
    found = {"name": name, "in": "query", "required": required, "schema": schema}
    return found | ({"description": description} if description else {})
