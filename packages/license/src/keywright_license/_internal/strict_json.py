"""JSON without the freedoms that let two readers see two things in the same bytes."""

from __future__ import annotations

import json
from math import isfinite
from typing import NoReturn

from keywright_license.errors import MalformedError
from keywright_license.limits import MAX_JSON_DEPTH


def loads(octets: bytes) -> dict[str, object]:
    """The object that the bytes hold.

    MalformedError: not UTF-8, not one JSON object, a key twice in any object, NaN or an infinity, an integer longer
    than Python converts, a lone surrogate, a NUL, or nested too deep. Integers come as int, never as float.
    """
    try:
        text = octets.decode()
        value, end = _DECODER.raw_decode(text) if text.startswith("{") else (None, -1)
        if end != len(text):  # white space around the object, or what is no JSON
            value = _DECODER.decode(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # JSONDecodeError, UnicodeDecodeError, and the limits on integers are of this kind
        raise MalformedError(f"The file's JSON cannot be read ({error}). Download the license again.") from None
    if type(value) is not dict:
        raise MalformedError("The file's JSON is not an object. Download the license again.")
    # What is rare is looked for by the quickest searches there are, of one character each.
    if text.count("{") + ("[" in text and text.count("[")) > MAX_JSON_DEPTH:
        _check_depth(value)
    if "\\" in text:
        _check_characters(value)
    return value


def dumps(value: object) -> bytes:
    """Compact UTF-8. ValueError: what JSON cannot say (NaN, a lone surrogate); TypeError: no JSON type."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _constant(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)


def _check_characters(value: object) -> None:
    """Only escapes can bring what UTF-8 and the parser refuse: half a surrogate pair, and NUL, which PostgreSQL
    cannot store.
    """
    try:
        again = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise MalformedError("A text in the file holds half a character. Download the license again.") from None
    if b"\\u0000" in again and "\0" in _all_text(value):
        raise MalformedError("A text in the file holds a NUL. Download the license again.")


def _all_text(value: object) -> str:
    parts: list[str] = []
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            parts.append(item)
        elif isinstance(item, dict):
            rest += item.keys()
            rest += item.values()
        elif isinstance(item, list):
            rest += item
    return "".join(parts)


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    if any(isinstance(item, dict | list) for item in level):
        raise _too_deep()


def _too_deep() -> MalformedError:
    return MalformedError("The file's JSON is nested too deep. Download the license again.")
