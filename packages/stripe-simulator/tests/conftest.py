from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import stripe
from playwright.sync_api import Browser, Page, sync_playwright

from shop import CHROMIUM_ARGUMENTS, Shop, chromium_path
from simulator import SimulatorProcess, simulator
from stripe_description import checked_http_client

__all__ = ["simulator"]


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorProcess]:
    """Many tests here send on purpose what Stripe refuses, so what was refused isn't judged."""
    with SimulatorProcess(is_strict=False) as running:
        yield running


@pytest.fixture
def client(simulator: SimulatorProcess) -> stripe.StripeClient:
    """Stripe's own SDK; every request and answer is checked against Stripe's description."""
    return stripe.StripeClient(
        "sk_test_suite",
        base_addresses={"api": simulator.origin},
        http_client=checked_http_client(),
        max_network_retries=0,
    )


class Receiver:
    """A webhook's endpoint: keeps what comes, and answers with `statuses` in turn, then with 200."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.bodies.append(body)
                receiver.signatures.append(self.headers["Stripe-Signature"])
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver(simulator: SimulatorProcess) -> Iterator[Receiver]:
    """The simulator's webhook is set to it, with the secret `whsec_suite`."""
    running = Receiver()
    simulator.set_webhook(running.url, "whsec_suite")
    yield running
    simulator.set_webhook(None)
    running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def shop(simulator_process: SimulatorProcess) -> Iterator[Shop]:
    running = Shop(simulator_process.origin)
    yield running
    running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 700})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()
