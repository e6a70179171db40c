"""Reading the environment: the only source of settings. What is missing or wrong stops the start, with its name."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from keywright_portal.kit.errors import ConfigurationError

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigurationError(f"{name} is not set. Set it in the environment and start again; see docs/settings.md.")
    return value


def optional(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def required_list(name: str) -> list[str]:
    """Values with commas between. An empty one is refused: as a signing secret it would be one that everybody knows."""
    values = [value.strip() for value in required(name).split(",")]
    if not all(values):
        raise ConfigurationError(f"{name} has an empty part. Take out the comma that has nothing beside it.")
    return values


def integer(name: str, default: int) -> int:
    value = optional(name, str(default))
    if not (value.isascii() and value.isdecimal()):
        raise ConfigurationError(f"{name} is {value!r}; it takes a whole number, such as {default}.")
    return int(value)


def flag(name: str) -> bool:
    value = os.environ.get(name, "0")
    if value not in ("0", "1"):
        raise ConfigurationError(f"{name} is {value!r}; it takes 1 (on) or 0 (off).")
    return value == "1"


def choice(name: str, values: tuple[str, ...]) -> str:
    """One of `values`, of which the first is the default."""
    value = optional(name, values[0])
    if value not in values:
        raise ConfigurationError(f"{name} is {value!r}; it takes one of: {', '.join(values)}.")
    return value


def origin(url: str, *, name: str) -> str:
    """`scheme://host[:port]` of `url`, which the setting `name` gave."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(
            f"{name} is {url!r}; it takes an address that begins with https:// (or http:// on loopback)."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ConfigurationError(f"{name} is {url!r}; plain http is for this machine alone. Use https.")
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK_HOSTS
