"""The simulator's one state: store, clock, keys, and what only the running process needs to know."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stripe_simulator.authentication import Keys
from stripe_simulator.call import Call
from stripe_simulator.clock import Clock
from stripe_simulator.record import Record
from stripe_simulator.shapes import Json
from stripe_simulator.store import Store, UnusableStateError

REQUESTS_REMEMBERED = 1000
"""How many calls the control plane can list. They are for people and tests, so they aren't kept over a restart."""


@dataclass
class Simulator:
    store: Store
    clock: Clock = field(default_factory=Clock)
    keys: Keys = field(default_factory=Keys)
    record: Record = field(default_factory=lambda: Record(None))
    requests: deque[Json] = field(default_factory=lambda: deque(maxlen=REQUESTS_REMEMBERED))
    keys_in_use: set[str] = field(default_factory=set)
    deliveries_wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self, *, origin: str, **more: Any) -> Call:
        return Call(store=self.store, now=self.clock.now(), origin=origin, **more)

    def move_clock(self, offset: float) -> None:
        self.clock.offset = offset
        self.store.set_setting("clock_offset", offset)


def open_simulator(
    *,
    state: Path | None = None,
    keys: Keys | None = None,
    record: Path | None = None,
    webhook_url: str | None = None,
    webhook_secrets: Sequence[str] = (),
) -> Simulator:
    """The state of last time, if there is a file. A webhook given here takes the place of the one in the file.

    Raises UnusableStateError when the file isn't one of ours, can't be written, or is another simulator's, and
    UnusableRecordError.
    """
    recorder = Record(record)
    try:
        store = Store(state)
    except sqlite3.Error as error:
        raise UnusableStateError(str(error)) from error
    simulator = Simulator(store=store, keys=keys or Keys(), record=recorder)
    with store.transaction():
        simulator.clock.offset = store.setting("clock_offset", 0.0)
        if webhook_url is not None:
            set_webhook(store, url=webhook_url, secrets=webhook_secrets)
    return simulator


def set_webhook(
    store: Store, *, url: str | None, secrets: Sequence[str], enabled_events: Sequence[str] = ("*",)
) -> None:
    """One endpoint. While a secret is rolled it has two, and deliveries carry a signature of each."""
    if url is None:
        store.set_setting("webhook", None)
        return
    store.set_setting("webhook", {"url": url, "secrets": list(secrets), "enabled_events": list(enabled_events)})
