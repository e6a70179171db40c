"""The shapes of the API as JSON Schema (2020-12, as OpenAPI 3.1 has it)."""

from __future__ import annotations

from typing import Any

from keywright_console.api.shapes import CLIENT_FEATURES, EMPTY_MEMBERS, SECRET_KEYS
from keywright_console.api.user_lists import MOST_AT_ONCE, SEARCH_LIMIT, SEARCH_LIMIT_MAX

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": "^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$"}
TIME: Schema = {"type": "integer", "minimum": 0, "description": "Milliseconds since 1970; 0 is never."}
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
FLAG_TEXT: Schema = {"enum": ["true", "false"]}
TIME_TEXT: Schema = {"type": "string", "pattern": "^[0-9]+$", "description": "Milliseconds since 1970, as text."}
KEPT = "Kept for clients; this console has no such thing."
ROLES: Schema = {"enum": ["system_user", "system_user system_admin"]}


def exactly(**members: Schema) -> Schema:
    """An object of these members, all of them and no other."""
    return {"type": "object", "properties": members, "required": [*members], "additionalProperties": False}


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def flat_map() -> Schema:
    """The license as a map of texts. Who may not manage it learns neither id nor contact nor dates."""
    whole = {
        "IsLicensed": {"const": "true"},
        "Id": TEXT,
        "SkuName": TEXT,
        "SkuShortName": TEXT,
        "Users": {"type": "string", "pattern": "^[0-9]+$"},
        "IssuedAt": TIME_TEXT,
        "StartsAt": TIME_TEXT,
        "ExpiresAt": TIME_TEXT,
        "Name": TEXT,
        "Email": TEXT,
        "Company": TEXT,
        "IsTrial": FLAG_TEXT,
        **dict.fromkeys(CLIENT_FEATURES.values(), FLAG_TEXT),
    }
    public = {name: schema for name, schema in whole.items() if name not in SECRET_KEYS}
    return {
        "oneOf": [
            {**exactly(IsLicensed={"const": "false"}), "title": "no license"},
            {**exactly(**whole), "title": "for who may manage the license"},
            {**exactly(**public), "title": "for everybody else"},
        ]
    }


def components() -> dict[str, Schema]:
    """Every shape that a call answers with or takes."""
    return {
        "Error": exactly(
            id={**TEXT, "description": "What clients know it by; stable."},
            message={**TEXT, "description": "What happened and what to do, in the language that was asked for."},
            detailed_error={
                **TEXT,
                "description": "code=… with a code of our own, where several reasons share one id; else empty.",
            },
            request_id={**TEXT, "description": "What to search the server’s log and the audit log for."},
            status_code={"type": "integer"},
        ),
        "Done": exactly(status={"const": "OK"}),
        "User": exactly(
            id=ID,
            create_at=TIME,
            update_at=TIME,
            delete_at={**TIME, "description": "Since when deactivated, in milliseconds since 1970; 0 is active."},
            username=TEXT,
            email=TEXT,
            roles=ROLES,
            locale=TEXT,
            is_bot={**FLAG, "description": "Bots take no seat."},
            last_activity_at=TIME,
            **{name: {"const": value, "description": KEPT} for name, value in EMPTY_MEMBERS.items()},
        ),
        "License": exactly(
            id=TEXT,
            issued_at=TIME,
            starts_at=TIME,
            expires_at=TIME,
            customer=exactly(id=TEXT, name=TEXT, email=TEXT, company=TEXT),
            features=exactly(
                users={**COUNT, "description": "Seats."},
                **dict.fromkeys(CLIENT_FEATURES, FLAG),
            ),
            sku_name=TEXT,
            sku_short_name=TEXT,
            is_trial=FLAG,
        ),
        "ClientLicense": flat_map(),
        "LoadMetric": exactly(load={**COUNT, "description": "Monthly active users for each thousand seats."}),
        "UserCount": exactly(total_users_count={**COUNT, "description": "Active users: not deactivated, bots apart."}),
        "Figures": {
            "type": "array",
            "items": exactly(
                name={
                    "enum": [
                        "unique_user_count",
                        "daily_active_users",
                        "monthly_active_users",
                        "inactive_user_count",
                    ]
                },
                value=COUNT,
            ),
        },
        "SignIn": {
            "type": "object",
            "properties": {
                "login_id": {**TEXT, "description": "Email address or username."},
                "id": {**TEXT, "description": "Instead of login_id: the user’s id."},
                "password": TEXT,
                "token": {**TEXT, "description": "Taken and not used."},
            },
            "required": ["password"],
            "anyOf": [{"required": ["login_id"]}, {"required": ["id"]}],
        },
        "NewUser": {
            "type": "object",
            "properties": {
                "email": {"type": "string", "format": "email", "maxLength": 254},
                "username": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9._-]{0,63}$"},
                "password": {"type": "string", "minLength": 8, "maxLength": 256},
            },
            "required": ["email", "username", "password"],
            "description": "Other members that clients send are taken and not used.",
        },
        "Active": {"type": "object", "properties": {"active": FLAG}, "required": ["active"]},
        "Search": {
            "type": "object",
            "properties": {
                "term": {**TEXT, "description": "Text in the username or the email address; empty is everybody."},
                "allow_inactive": {**FLAG, "description": "true: deactivated users as well."},
                "limit": {"type": "integer", "minimum": 1, "default": SEARCH_LIMIT, "maximum": SEARCH_LIMIT_MAX},
            },
        },
        "ManyActive": {
            "type": "object",
            "properties": {"user_ids": {"type": "array", "items": ID, "maxItems": MOST_AT_ONCE}, "active": FLAG},
            "required": ["user_ids", "active"],
        },
        "Changed": exactly(
            activated=COUNT,
            deactivated=COUNT,
            unchanged={**COUNT, "description": "So already, nobody’s id, or refused."},
            refused={"type": "array", "items": exactly(username=TEXT, message=TEXT)},
        ),
        "Roles": {"type": "object", "properties": {"roles": ROLES}, "required": ["roles"]},
        "Upload": {
            "type": "object",
            "properties": {
                "license": {
                    "type": "string",
                    "contentMediaType": "application/octet-stream",
                    "description": "The license file, of either format; at most 64 KiB.",
                }
            },
            "required": ["license"],
        },
    }
