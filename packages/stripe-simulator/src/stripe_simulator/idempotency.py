"""Idempotency keys: the same key gives the same answer for a day, and never a second effect."""

import hashlib
import json
from dataclasses import dataclass

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError
from stripe_simulator.shapes import Json

SECONDS_KEPT = 24 * 3600
LONGEST_KEY = 255
CONFLICT = 409


@dataclass(frozen=True)
class Answer:
    """What was or is to be sent. `original_request` is set when it is a replay."""

    status: int
    body: Json
    request_id: str
    original_request: str | None = None


def check_key(key: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY:
        raise StripeError(
            f"Idempotency keys have 1 to {LONGEST_KEY} characters, this one has {len(key)}.",
            kind="idempotency_error",
            is_replayed=False,
        )


def key_in_use(key: str) -> StripeError:
    return StripeError(
        f"There is currently another in-progress request using this Idempotent Key: {key}. Please try again later.",
        status=CONFLICT,
        kind="idempotency_error",
        code="idempotency_key_in_use",
        is_replayed=False,
    )


def fingerprint(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def find_replay(call: Call, key: str, *, endpoint: str, params: Json) -> Answer | None:
    """The kept answer; an error if the key was used for something else. Keys older than a day are forgotten."""
    database = call.store.database
    database.execute("DELETE FROM replay WHERE created <= ?", (call.now - SECONDS_KEPT,))
    row = database.execute("SELECT * FROM replay WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["endpoint"] != endpoint:
        raise StripeError(
            f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{endpoint}' vs '{row['endpoint']}'). Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
            is_replayed=False,
        )
    if row["fingerprint"] != fingerprint(params):
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
            is_replayed=False,
        )
    return Answer(row["status"], json.loads(row["body"]), call.request_id or "", original_request=row["request_id"])


def keep_answer(call: Call, key: str, answer: Answer, *, endpoint: str, params: Json) -> None:
    call.store.database.execute(
        "INSERT INTO replay (key, created, endpoint, fingerprint, request_id, status, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, call.now, endpoint, fingerprint(params), answer.request_id, answer.status, json.dumps(answer.body)),
    )
