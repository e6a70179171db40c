"""Letting what several nodes do happen at the same moment, on a database that they share."""

from __future__ import annotations

import threading

from django.db import IntegrityError, connections

from keywright_console.kit.errors import ConsoleError

PATIENCE = 30
"""Seconds until a barrier or a thread gives up, so that a mistake is a failure and not a hang."""


def together(*tasks):
    """Run the tasks at the same moment, each on a connection of its own; what each returned, or raised as a refusal."""
    barrier = threading.Barrier(len(tasks))
    results = [None] * len(tasks)

    def run(place, task):
        try:
            barrier.wait(PATIENCE)
            results[place] = task()
        except (ConsoleError, IntegrityError) as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, task)) for place, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return results
