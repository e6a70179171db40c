"""Reading parameters: each endpoint names what it takes, and anything else is refused with Stripe's words and codes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stripe_simulator.errors import refused_parameter
from stripe_simulator.shapes import Json

Reader = Callable[[Any, str], Any]
"""Takes the decoded value and the parameter's full name; answers with the typed value."""
Shape = Mapping[str, Reader]

TEXT_LIMIT = 5000
METADATA_KEYS, METADATA_KEY_LIMIT, METADATA_VALUE_LIMIT = 50, 40, 500
"""Stripe's documented limits."""
INTEGER_DIGITS = 18
"""What fits 64 bits with room; longer numbers are refused before they are converted."""


def read(form: Json, shape: Shape, *, required: Sequence[str] = (), prefix: str = "") -> Json:
    """The typed parameters of a request. A parameter that wasn't sent isn't in the result; one sent empty is None,
    which unsets it.
    """
    values: Json = {}
    for name, raw in form.items():
        param = f"{prefix}[{name}]" if prefix else name
        reader = shape.get(name)
        if reader is None:
            raise refused_parameter(f"Received unknown parameter: {param}", param=param, code="parameter_unknown")
        values[name] = reader(raw, param)
    for name in required:
        if values.get(name) is None:
            param = f"{prefix}[{name}]" if prefix else name
            if name in values:
                raise refused_parameter(
                    f"You passed an empty string for '{param}'. An empty value unsets a parameter, "
                    f"and '{param}' cannot be unset.",
                    param=param,
                    code="parameter_invalid_empty",
                )
            raise refused_parameter(f"Missing required param: {param}.", param=param, code="parameter_missing")
    return values


def is_digits(text: str) -> bool:
    """ASCII digits alone: Python's `isdigit` also takes `²`, which is no number."""
    return text.isascii() and text.isdigit()


def text(raw: Any, param: str) -> str | None:
    if not isinstance(raw, str):
        raise refused_parameter(f"Invalid string: {raw}", param=param)
    if len(raw) > TEXT_LIMIT:
        raise refused_parameter(f"Invalid string: {param} must be at most {TEXT_LIMIT} characters", param=param)
    return raw or None


def integer(raw: Any, param: str) -> int | None:
    if raw == "":
        return None
    digits = raw.removeprefix("-") if isinstance(raw, str) else ""
    if not is_digits(digits) or len(digits) > INTEGER_DIGITS:
        raise refused_parameter(f"Invalid integer: {raw}", param=param, code="parameter_invalid_integer")
    return int(raw)


def boolean(raw: Any, param: str) -> bool | None:
    if raw == "":
        return None
    if raw not in ("true", "false"):
        raise refused_parameter(f"Invalid boolean: {raw}", param=param)
    return bool(raw == "true")


def off_session(raw: Any, param: str) -> bool | None:
    """A boolean, or what kind of payment it is that the holder isn't there for."""
    return True if raw in ("one_off", "recurring") else boolean(raw, param)


def one_of(*allowed: str) -> Reader:
    def read_choice(raw: Any, param: str) -> str | None:
        if raw == "":
            return None
        if raw not in allowed:
            listed = " or ".join(allowed)
            raise refused_parameter(f"Invalid {param}: must be {listed}", param=param)
        return str(raw)

    return read_choice


def nested(shape: Shape, *, required: Sequence[str] = ()) -> Reader:
    def read_nested(raw: Any, param: str) -> Json | None:
        if raw == "":
            return None
        if not isinstance(raw, dict):
            raise refused_parameter(f"Invalid object: {param}", param=param)
        return read(raw, shape, required=required, prefix=param)

    return read_nested


def array(reader: Reader) -> Reader:
    def read_array(raw: Any, param: str) -> list[Any]:
        if raw == "":
            return []
        if not isinstance(raw, dict) or not all(map(is_digits, raw)):
            raise refused_parameter(f"Invalid array: {param}", param=param)
        return [reader(raw[key], f"{param}[{key}]") for key in sorted(raw, key=int)]

    return read_array


def either(first: Reader, second: Reader) -> Reader:
    """`first` for a mapping, `second` for a plain value: Stripe's `created=…` and `created[gte]=…`."""

    def read_either(raw: Any, param: str) -> Any:
        return first(raw, param) if isinstance(raw, dict) else second(raw, param)

    return read_either


def metadata(raw: Any, param: str) -> Json | None:
    """None clears all keys; a key with an empty value is taken away."""
    if raw == "":
        return None
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise refused_parameter("Invalid hash: metadata takes strings only", param=param)
    if len(raw) > METADATA_KEYS:
        raise refused_parameter(f"Metadata has at most {METADATA_KEYS} keys", param=param)
    for key, value in raw.items():
        if len(key) > METADATA_KEY_LIMIT:
            raise refused_parameter(f"Metadata keys have at most {METADATA_KEY_LIMIT} characters", param=param)
        if len(value) > METADATA_VALUE_LIMIT:
            raise refused_parameter(
                f"Metadata values have at most {METADATA_VALUE_LIMIT} characters", param=f"{param}[{key}]"
            )
    return dict(raw)


def merge_metadata(kept: Json, given: Json | None) -> Json:
    """What an update leaves of an object's metadata."""
    if given is None:
        return {}
    return {key: value for key, value in {**kept, **given}.items() if value != ""}


ADDRESS: Shape = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), text)
EXPAND: Shape = {"expand": array(text)}
PAGE: Shape = {**EXPAND, "limit": integer, "starting_after": text, "ending_before": text}
range_of_times = either(nested(dict.fromkeys(("gt", "gte", "lt", "lte"), integer)), integer)
CREATED: Shape = {"created": range_of_times}
