"""Starting the demo: databases, catalog, keys, then the four processes, with a line for each step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from demo.place import ADMIN, ADMIN_EMAIL, BIN, HOST, STAFF_EMAIL, Place
from demo.processes import Processes


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"  {text} …", end="", flush=True)
    began = time.monotonic()
    yield
    print(f" {time.monotonic() - began:.1f} s", flush=True)


def start(place: Place, processes: Processes) -> None:
    """Everything up and answering. Raises DemoError; the caller stops what runs."""
    is_new = not (place.folder / "console.sqlite3").exists()
    portal, console = place.portal_environment(), place.console_environment()
    with step("Databases, catalog and keys"):
        processes.run(
            "prepare-portal",
            [BIN / "python", "-m", "demo.prepare_portal", place.trusted_keys, STAFF_EMAIL],
            {**portal, "DEMO_STAFF_PASSWORD": place.secrets["staff_password"]},
        )
        if is_new:
            create = ["user", "create", "--email", ADMIN_EMAIL, "--username", ADMIN, "--system-admin"]
            password = ["--password", place.secrets["sysadmin_password"]]
            processes.run("prepare-console", [BIN / "keywright-console", *create, *password], console)
            processes.finish("prepare-console")
        processes.finish("prepare-portal")
    with step("Stripe simulator, portal, System Console and worker"):
        processes.start(
            "stripe-simulator",
            [
                *(BIN / "stripe-simulator", "serve", "--host", HOST, "--port", str(place.simulator_port)),
                *("--state", place.folder / "stripe.sqlite3"),
                *("--webhook-url", f"{place.portal_url}/webhooks/stripe/"),
                *("--webhook-secret", place.secrets["stripe_webhook_secret"]),
                *("--secret-key", place.secrets["stripe_secret_key"]),
                *("--publishable-key", place.secrets["stripe_publishable_key"]),
            ],
            portal,
        )
        serve = ("serve", "--host", HOST, "--port")
        processes.start("portal", [BIN / "keywright", *serve, str(place.portal_port)], portal)
        processes.start("console", [BIN / "keywright-console", *serve, str(place.console_port)], console)
        processes.start("worker", [BIN / "keywright", "worker"], portal)
        processes.wait_until_ready("stripe-simulator", place.simulator_url)
        processes.wait_until_ready("portal", place.portal_url)
        processes.wait_until_ready("console", place.console_url)
