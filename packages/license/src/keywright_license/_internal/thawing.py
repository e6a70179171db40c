"""Makes frozen dataclasses at the price of ordinary ones.

The `__init__` of a frozen dataclass goes through `object.__setattr__` for every field: 1.5 µs for a License, a quarter
of what reading Mattermost's format may cost beside RSA itself (bench/ holds it to 1.3 times the bare calls).
"""

from __future__ import annotations

from dataclasses import fields, make_dataclass
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)


def thawed(frozen: type[T]) -> Callable[..., T]:
    """A class with the same slots whose instances can become the frozen one's by their `__class__`.

    It takes every field, without defaults and by position: naming 17 of them costs as much again.
    """
    names = [field.name for field in fields(frozen)]
    return cast("Callable[..., T]", make_dataclass(f"Thawed{frozen.__name__}", names, slots=True))
