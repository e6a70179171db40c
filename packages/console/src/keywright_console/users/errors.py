from __future__ import annotations

from keywright_console.kit.errors import ConsoleError


class InvalidUserError(ConsoleError):
    """A field can't be used; `field` says which: email, username or password."""

    code = "invalid_user"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class EmailTakenError(InvalidUserError):
    code = "email_taken"


class UsernameTakenError(InvalidUserError):
    code = "username_taken"


class WeakPasswordError(InvalidUserError):
    code = "weak_password"


class UserNotFoundError(ConsoleError):
    code = "user_not_found"


class LastSystemAdminError(ConsoleError):
    code = "last_system_admin"


class OwnAccountError(ConsoleError):
    code = "own_account"


class WrongCredentialsError(ConsoleError):
    """Says the same whether the account is unknown, deactivated, or the password wrong."""

    code = "wrong_credentials"


class TooManyAttemptsError(ConsoleError):
    code = "too_many_attempts"


class AlreadySetUpError(ConsoleError):
    code = "already_set_up"


class WrongSetupCodeError(ConsoleError):
    code = "wrong_setup_code"
