"""Stripe's form encoding: `metadata[order]=7`, `expand[0]=customer`, `expand[]=customer`, nested to any depth."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from stripe_simulator.errors import StripeError
from stripe_simulator.shapes import Json

MAX_DEPTH = 8
"""Deeper than any parameter of Stripe's; a bound, so that a hostile name can't exhaust the stack."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str) -> Json:
    """Nested dictionaries of strings. Lists stay dictionaries with numbers for keys: only the parameter's shape can
    tell a list from a mapping whose keys happen to be numbers.
    """
    return nest(parse_qsl(encoded, keep_blank_values=True))


def nest(pairs: Iterable[tuple[str, str]]) -> Json:
    nested: Json = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise _malformed(name)
        path = [match[1], *_PART.findall(match[2])]
        if len(path) > MAX_DEPTH:
            raise _malformed(name)
        place = nested
        for part in path[:-1]:
            place = place.setdefault(_key(part, place), {})
            if not isinstance(place, dict):
                raise _malformed(name)
        key = _key(path[-1], place)
        if isinstance(place.get(key), dict):
            raise _malformed(name)
        place[key] = value
    return nested


def _key(part: str, place: Json) -> str:
    """`[]` appends."""
    return part or str(len(place))


def _malformed(name: str) -> StripeError:
    return StripeError(f"Invalid parameter name: {name}", param=name, is_replayed=False)
