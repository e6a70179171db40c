"""The checks that claims of every artifact share. Each answers with the value in its type, or raises MalformedError
naming the claim.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keywright_license import zbase32
from keywright_license.errors import MalformedError, SigningError, WrongKindError
from keywright_license.kinds import CLAIMS_VERSION
from keywright_license.limits import END_OF_TIME, MAX_COUNT, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from keywright_license.model import Format, License

_DELETE = "\x7f"
# 32 bytes; the last character carries four bits, so that a digest has one spelling.
_DIGEST = re.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]").fullmatch


def refuse(name: str, what: str) -> NoReturn:
    wrong = f"says {name} wrongly: {what}"
    msg = f"The file {wrong}. Ask the vendor for a new file."
    raise MalformedError(msg, detail=wrong)


def version(said: Mapping[str, object]) -> None:
    """WrongKindError: claims of another version than ours."""
    if said.get("v") != CLAIMS_VERSION or type(said["v"]) is not int:
        raise WrongKindError("This file is of a later version than can be read here. Update first.")


def required(said: Mapping[str, object], name: str) -> object:
    """What stands under the name, which must be there."""
    if name not in said:
        refuse(name, "it is missing")
    return said[name]


def identity(value: object, name: str) -> str:
    """The id of an artifact or a deployment: 128 bits."""
    if type(value) is not str or not zbase32.is_id(value):
        refuse(name, f"it must be {zbase32.LENGTH} letters of z-base-32")
    return value


def digest(value: object, name: str) -> str:
    """A SHA-256 as base64url: of a key (RFC 7638), a license file or a line."""
    if type(value) is not str or not _DIGEST(value):
        refuse(name, "it must be a SHA-256 as 43 characters of base64url")
    return value


def text(value: object, name: str, *, may_be_empty: bool = False) -> str:
    """A name, an id or an address. Control characters are refused: they end up in mail headers, logs and terminals."""
    if type(value) is not str or len(value) > MAX_TEXT or not (value or may_be_empty):
        refuse(name, f"it must be a text of {0 if may_be_empty else 1} to {MAX_TEXT} characters")
    if not value.isprintable() and any(character < " " or character == _DELETE for character in value):
        refuse(name, "it holds control characters")
    return value


def count(value: object, name: str, *, least: int) -> int:
    if type(value) is not int or not least <= value <= MAX_COUNT:
        refuse(name, f"it must be a whole number from {least} to {MAX_COUNT}")
    return value


def time(value: object, name: str) -> datetime:
    """Seconds since the epoch."""
    if type(value) is not int or not 0 <= value < END_OF_TIME:
        refuse(name, "it must be a time as a whole number of seconds, before the year 9999")
    return datetime.fromtimestamp(value, UTC)


def to_seconds(moment: datetime) -> int:
    """Whole seconds, rounded down. ValueError: a time without a zone."""
    if moment.tzinfo is None:
        msg = f"a time without a zone: {moment.isoformat()}"
        raise ValueError(msg)
    return int(moment.replace(microsecond=0).timestamp())


def round_down(license: License, *, microseconds: int, into: Format) -> License:
    """The license as a format holds it whose times are multiples of so many microseconds.

    ValueError: a time without a zone.
    """

    def floor(moment: datetime) -> datetime:
        to_seconds(moment)  # for its check
        return moment.replace(microsecond=moment.microsecond // microseconds * microseconds)

    return replace(
        license,
        issued_at=floor(license.issued_at),
        starts_at=floor(license.starts_at),
        expires_at=floor(license.expires_at),
        format=into,
    )


def merge_extra(said: dict[str, object], extra: Mapping[str, object]) -> None:
    """Adds to `said`, and to the objects in it, what the license keeps in `extra`. SigningError: a name that is
    taken.
    """
    for name, value in extra.items():
        mine = said.setdefault(name, value)
        if mine is value:
            continue
        if not isinstance(mine, dict) or not isinstance(value, dict) or mine.keys() & value.keys():
            msg = f"`extra` holds {name}, which the license says itself. Take it out of `extra`."
            raise SigningError(msg)
        mine |= value
