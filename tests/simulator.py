"""Starts the Stripe simulator as a process of its own, for any test suite, and works its control plane."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from stripe_judge import Judge

Json = dict[str, Any]

START_SECONDS = 20.0
STOP_SECONDS = 10.0
PAUSE = 0.02
NO_PROXY = build_opener(ProxyHandler({}))


class SimulatorProcess:
    """One running simulator on a free port of 127.0.0.1. `with SimulatorProcess() as simulator:` stops it at the end.
    All that it was asked, answered and sent is judged by Stripe's description: at `stop`, and after each test that has
    the fixture.

    `origin` is where its API, script and frames are: `stripe.StripeClient(key, base_addresses={"api": origin})`.
    """

    def __init__(
        self,
        *,
        state: Path | None = None,
        webhook_url: str | None = None,
        webhook_secrets: Sequence[str] = (),
        arguments: Sequence[str] = (),
        is_strict: bool = True,
    ) -> None:
        folder = Path(mkdtemp(prefix="stripe-simulator-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        record = folder / "record.jsonl"
        self.judge = Judge(record, is_strict=is_strict)
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "stripe_simulator", "serve", "--port", str(self.port)]
        self.command += ["--record", str(record)]
        if state is not None:
            self.command += ["--state", str(state)]
        if webhook_url is not None:
            self.command += ["--webhook-url", webhook_url]
        for secret in webhook_secrets:
            self.command += ["--webhook-secret", secret]
        self.command += arguments
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers."""
        self.process = subprocess.Popen(self.command, env=os.environ.copy())
        try:
            self._wait_until_it_answers(self.process)
        except BaseException:
            self.kill()
            raise

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"The simulator ended at once, with {process.returncode}.")
            try:
                self.control("GET", "/state")
            except (URLError, ConnectionError):
                time.sleep(PAUSE)
            else:
                return
        raise RuntimeError(f"The simulator didn't answer within {START_SECONDS} s.")

    def stop(self) -> int:
        """SIGTERM; the exit status. AssertionError if something wasn't as Stripe describes it."""
        status = 0
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(STOP_SECONDS)
            self.process = None
        self.judge.judge()
        return status

    def kill(self) -> None:
        """SIGKILL: what wasn't on disk is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            self.process = None

    # ---- The control plane ------------------------------------------------------------------------------------------

    def control(self, method: str, path: str, body: Json | None = None) -> Json:
        """A call to `/_simulator…`. An answer that isn't 2xx is an AssertionError with what it says."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.origin}/_simulator{path}", data=content, method=method, headers=headers)
        try:
            with NO_PROXY.open(request, timeout=START_SECONDS) as answer:
                decoded: Json = json.load(answer)
                return decoded
        except HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def state(self) -> Json:
        return self.control("GET", "/state")

    def alter_next(self, fields: Json, **more: Any) -> None:
        """The next answer has these fields in place of its own: a provider that answers what nobody expects. Whoever
        asked gets it, and the judge sees it unless it is still as Stripe describes.
        """
        self.control("POST", "/faults", {"how": "alter", "fields": fields, **more})

    def set_webhook(self, url: str | None, *secrets: str, events: Sequence[str] = ("*",)) -> None:
        self.control("POST", "/webhook", {"url": url, "secrets": list(secrets), "enabled_events": list(events)})

    def reset(self, *, keep_webhook: bool = True) -> None:
        self.control("POST", "/reset", {"webhook": keep_webhook})

    def advance_clock(self, seconds: float) -> None:
        self.control("POST", "/clock", {"advance": seconds})

    def set_clock_offset(self, seconds: float) -> None:
        self.control("POST", "/clock", {"offset": seconds})

    def fail_next(self, *, how: str = "error", when: str = "before", **more: Any) -> None:
        """`how`: error, disconnect. `when`: before or after its effect. Also method, path (with `*`), status, times."""
        self.control("POST", "/faults", {"how": how, "when": when, **more})

    def delay_next(self, seconds: float, **more: Any) -> None:
        self.control("POST", "/faults", {"how": "delay", "seconds": seconds, **more})

    def spoil_next_event(self, how: str, **more: Any) -> None:
        """`how`: never_made, drop, duplicate, hold, delay. Also type, times, seconds."""
        self.control("POST", "/event_faults", {"how": how, **more})

    def clear_faults(self) -> None:
        self.control("DELETE", "/faults")

    def release_held(self, order: str | Sequence[str] = "made") -> list[str]:
        """Delivers held events: `made`, `reversed`, or the ids in the order wanted."""
        wanted = order if isinstance(order, str) else list(order)
        released: list[str] = self.control("POST", "/deliveries/release", {"order": wanted})["released"]
        return released

    def redeliver(self, event_id: str, *, times: int = 1) -> None:
        self.control("POST", f"/events/{event_id}/redeliver", {"times": times})

    def dispute(self, charge_id: str, **more: Any) -> Json:
        """The holder disputes a charge. Also amount, reason."""
        return self.control("POST", f"/charges/{charge_id}/dispute", more)

    def decide_dispute(self, dispute_id: str, verdict: str) -> Json:
        """`won` or `lost`, seen from the vendor."""
        return self.control("POST", f"/disputes/{dispute_id}/decide", {"verdict": verdict})

    def settle_refund(self, refund_id: str, *, succeeds: bool) -> Json:
        """The end of a pending refund, or the late failure of one that succeeded."""
        return self.control("POST", f"/refunds/{refund_id}/settle", {"succeeds": succeeds})

    def hold_payments(self, times: int = 1) -> None:
        """The next payments stay in `processing` until `settle_payment`."""
        self.control("POST", "/payments/hold", {"times": times})

    def settle_payment(self, intent_id: str, *, succeeds: bool) -> Json:
        return self.control("POST", f"/payment_intents/{intent_id}/settle", {"succeeds": succeeds})

    def pay_out(self) -> list[Json]:
        """All that is on the balance goes to the vendor's bank, without waiting for the day: a payout a currency."""
        payouts: list[Json] = self.control("POST", "/payouts", {})["payouts"]
        return payouts

    def requests(self) -> list[Json]:
        listed: list[Json] = self.control("GET", "/requests")["requests"]
        return listed

    def deliveries(self) -> list[Json]:
        listed: list[Json] = self.control("GET", "/deliveries")["deliveries"]
        return listed

    def authenticate(self, client_secret: str, outcome: str = "complete") -> Json:
        """What the holder does on the bank's page: complete, fail or cancel. The intent, as a browser sees it."""
        intent_id = client_secret.partition("_secret_")[0]
        address = f"{self.origin}/3d_secure/{intent_id}/{outcome}?{urlencode({'client_secret': client_secret})}"
        request = Request(address, data=b"", method="POST", headers={"Accept": "application/json"})
        with NO_PROXY.open(request, timeout=START_SECONDS) as answer:
            decoded: Json = json.load(answer)
            return decoded

    def wait_until_delivered(self, *, seconds: float = 10.0) -> None:
        """Returns when nothing waits to be delivered."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.state()["deliveries"].get("pending"):
                return
            time.sleep(PAUSE)
        raise AssertionError(f"After {seconds} s there are deliveries left: {self.deliveries()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorProcess]:
    """One for the whole run; `simulator` empties it for each test, and judges what went over the wire after it."""
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def simulator(simulator_process: SimulatorProcess) -> Iterator[SimulatorProcess]:
    simulator_process.reset(keep_webhook=False)
    yield simulator_process
    simulator_process.judge.judge()
