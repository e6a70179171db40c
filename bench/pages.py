"""The subscription page against a bare view with one query, under the same server, process and middleware."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from bench.measure import Figure
from bench.portal import Client, running_site, seed

GOAL = 1 / 3
ROUNDS = 7
ROUND_SECONDS = 2.0
CLIENTS = 2
SUBSCRIPTIONS = {"one-subscription": 1, "three-subscriptions": 3}


def figures() -> Iterator[Figure]:
    with running_site() as place:
        for client in seed(place, SUBSCRIPTIONS):
            page = f"/o/{client.slug}/subscriptions/"
            for path in (page, "/bare/"):
                status, _, _ = client.ask("GET", path)
                if status != 200:
                    raise RuntimeError(f"{path} answered {status}")
            ours, floor = [], []
            for _ in range(ROUNDS):
                ours.append(requests_a_second(client, page))
                floor.append(requests_a_second(client, "/bare/"))
            mine, bare = statistics.median(ours), statistics.median(floor)
            count = SUBSCRIPTIONS[client.slug]
            yield Figure(
                name=f"Subscription page ({count} licensed), requests a second against a bare view with one query",
                ours=f"{mine:.0f}/s",
                floor=f"{bare:.0f}/s",
                ratio=mine / bare,
                goal="at least 0.33",
                met=mine / bare >= GOAL,
            )


def requests_a_second(client: Client, path: str) -> float:
    """With CLIENTS connections at once, for ROUND_SECONDS."""
    counts = [0] * CLIENTS
    until = time.perf_counter() + ROUND_SECONDS

    def ask(number: int) -> None:
        mine = replace(client, cookies=dict(client.cookies))
        while time.perf_counter() < until:
            mine.ask("GET", path)
            counts[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / ROUND_SECONDS
