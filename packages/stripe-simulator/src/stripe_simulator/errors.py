"""Errors as Stripe shapes them: a type, mostly a code, a sentence, and the HTTP status that goes with them."""

from typing import Any

from stripe_simulator.shapes import Json

DOCUMENTATION = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """An answer that is an error.

    `keeps_effects` says that what was changed on the way stays changed: a declined card leaves a failed charge, an
    intent that wants another card, and events. Every other error leaves the state as it was.
    `is_replayed` is False for what Stripe doesn't keep under an idempotency key: a request that never started.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps_effects: bool = False,
        is_replayed: bool = True,
        more: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.keeps_effects = keeps_effects
        self.is_replayed = is_replayed
        self.more = more or {}

    def body(self) -> Json:
        error: Json = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = documentation_of(self.code)
        if self.param is not None:
            error["param"] = self.param
        error.update(self.more)
        return {"error": error}


def documentation_of(code: str) -> str:
    return DOCUMENTATION + code.replace("_", "-")


def resource_missing(noun: str, object_id: str, *, param: str, status: int = 404) -> StripeError:
    """404 when the id is in the URL, 400 when it is a parameter."""
    return StripeError(f"No such {noun}: '{object_id}'", status=status, code="resource_missing", param=param)


def refused_parameter(message: str, *, param: str, code: str | None = None, **more: Any) -> StripeError:
    """A parameter that fails validation: the request never started, so its key stays free."""
    return StripeError(message, code=code, param=param, is_replayed=False, more=more)
