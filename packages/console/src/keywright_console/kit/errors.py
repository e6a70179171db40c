"""The base of every error that the console answers with."""

from __future__ import annotations


class ConsoleError(Exception):
    """A stable public `code`, and a sentence that says what happened and what to do next.

    The edges (pages, API, command line) map it to their own form; nobody else catches it.
    """

    code: str = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowedError(ConsoleError):
    """The actor has not the permission. Nothing has been changed."""

    code = "not_allowed"


class NotConfiguredError(ConsoleError):
    """A setting is missing or can't be used; the sentence names it."""

    code = "not_configured"


class UnavailableError(ConsoleError):
    """Something outside of the console can't be reached: nothing has been changed, and trying again may help."""

    code = "unavailable"
