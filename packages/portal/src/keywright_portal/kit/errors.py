"""The base of every error that the portal shows. Rooms subclass it; entry points map it to HTTP."""

from __future__ import annotations

from typing import Any, ClassVar


class KeywrightError(Exception):
    """An error with a stable public `code` and a sentence that says what to do next.

    `field` names the input to which it belongs, where there is one. `reference` is what a customer can quote.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: Any, *, field: str | None = None, reference: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.reference = reference


class NotFoundError(KeywrightError):
    """What was asked for isn't there, or isn't the actor's: the two look the same from outside."""

    code = "not_found"


class PermissionDeniedError(KeywrightError):
    """The actor is known and may not do this."""

    code = "permission_denied"


class InvalidTransitionError(KeywrightError):
    """The row isn't in a state in which this event may happen."""

    code = "invalid_transition"


class ConfigurationError(KeywrightError):
    """A setting is missing or contradicts another: the process must not start."""

    code = "configuration"
