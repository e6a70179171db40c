"""The vendor's balance in the course of time: what becomes available is paid out by itself, once a day."""

import asyncio
from typing import TYPE_CHECKING

from stripe_simulator.resources.payouts import settle_balance

if TYPE_CHECKING:
    from stripe_simulator.simulator import Simulator

PAUSE = 1.0
"""Seconds between two looks; moving the clock by the control plane looks at once."""


async def keep_books_for_ever(simulator: "Simulator") -> None:
    while True:
        with simulator.store.transaction():
            made = settle_balance(simulator.call(origin=""))
        if made:
            simulator.deliveries_wanted.set()
        await asyncio.sleep(PAUSE)
