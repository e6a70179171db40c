"""kill -9 at named points of a purchase and its fulfilment: a paid order and its license are never apart.

A round is one buyer's purchase, in which a process dies at one point. It is started again at once, as a service manager
would, and from then on there are 60 seconds until everything must be as if nothing had happened.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from trials.buyer import LOST, Buyer, ErrorPageError
from trials.installation import PORTAL, WORKER, Installation, Template
from trials.points import FULFIL, LICENSE, POINTS, Point, Way

MUST_BE_RIGHT_WITHIN: Final = 60.0
"""Seconds after the restart."""
REACHED_WITHIN: Final = 45.0
"""Seconds in which the armed process must come to the point, or the round proves nothing."""
RECONCILED_AFTER: Final = 180
"""Seconds that the clock is moved, so that the reconciler asks about a payment that the webhook never told of."""
LOOK_EVERY: Final = 0.3


@dataclass(frozen=True)
class Outcome:
    """`seconds` after the restart everything was right; `complaints` is what never was."""

    point: Point
    seconds: float
    complaints: tuple[str, ...]


def run_round(place: Installation, point: Point, number: int, *, within: float = MUST_BE_RIGHT_WITHIN) -> Outcome:
    """One purchase with one death. In every second round the buyer comes back by themselves, else nobody does."""
    buyer = place.next_buyer()
    comes_back = number % 2 == 0
    # The queue's worker alone, for its guardian to replace; or everything that the command started.
    how = "alone" if point.process == WORKER and number % 3 == 0 else "all"
    struck = _Struck(place, point, how)
    if point.way is Way.CHOOSE:
        struck.during(buyer.choose)
        restarted = struck.restart()
        buyer.choose()
        buyer.pay(buyer.start())
    elif point.way is Way.COMPLETE:
        buyer.choose()
        struck.during(buyer.start)
        restarted = struck.restart()
        buyer.pay(buyer.start())
    elif point.way is Way.WEBHOOK:
        buyer.choose()
        intent = buyer.start()
        struck.during(lambda: buyer.pay(intent))
        restarted = struck.restart()
    elif point.way is Way.RETURN:
        buyer.choose()
        intent = buyer.start()
        place.hold_events()
        buyer.pay(intent)
        struck.during(buyer.come_back)
        restarted = struck.restart()
        if comes_back:
            _come_back(buyer)
        place.release_events()
    else:
        restarted = _reconcile(place, buyer, struck)
    if comes_back:
        _come_back(buyer)
    complaints = list(_complaints(place, buyer))
    while complaints and time.monotonic() < restarted + within:
        time.sleep(LOOK_EVERY)
        complaints = list(_complaints(place, buyer))
    return Outcome(point, time.monotonic() - restarted, tuple(complaints))


def _reconcile(place: Installation, buyer: Buyer, struck: _Struck) -> float:
    buyer.choose()
    intent = buyer.start()
    place.lose_events()
    buyer.pay(intent)
    place.stop(WORKER)
    place.simulator.clear_faults()
    place.advance_clock(RECONCILED_AFTER)
    struck.during(lambda: place.start(WORKER))
    return struck.restart()


def _come_back(buyer: Buyer) -> None:
    """Reloads, goes back to the payment page, and would pay again if it let them."""
    buyer.come_back()
    with suppress(ErrorPageError):  # what that leads to is judged below
        again = buyer.start()
        if again:
            buyer.pay(again)


class _Struck:
    """Arms the point, waits for the death, and starts again what died."""

    def __init__(self, place: Installation, point: Point, how: str) -> None:
        self._place, self._point, self._how = place, point, how

    def during(self, step: Callable[[], object]) -> None:
        before = self._marks()
        fresh = self._place.armed.with_suffix(".new")
        fresh.write_text(f"{self._point.process} {self._point.call} {self._point.when} {self._how}")
        fresh.rename(self._place.armed)
        try:
            step()
        except LOST:
            assert self._marks() > before, "the portal is gone, and not at the point"
        deadline = time.monotonic() + REACHED_WITHIN
        while self._marks() == before:
            if time.monotonic() > deadline:
                self._place.armed.unlink(missing_ok=True)
                raise AssertionError(f"not reached within {REACHED_WITHIN:.0f} s")
            time.sleep(LOOK_EVERY / 10)

    def _marks(self) -> int:
        return len(list(self._place.folder.glob("armed.struck-*")))

    def restart(self) -> float:
        """The moment of the restart."""
        moment = time.monotonic()
        if self._how == "all":
            self._place.kill(self._point.process)
            self._place.start(self._point.process)
        if self._point.process == PORTAL:
            self._place.wait_until_served()
        return moment


# ---- What must be so -------------------------------------------------------------------------------------------------

COUNTED: Final = {
    "paid order": "SELECT COUNT(*) FROM orders_order x JOIN accounts_organization o ON o.id = x.organization_id"
    " WHERE o.slug = %s AND x.state = 'fulfilled'",
    "order": "SELECT COUNT(*) FROM orders_order x JOIN accounts_organization o ON o.id = x.organization_id"
    " WHERE o.slug = %s",
    "license": "SELECT COUNT(*) FROM licensing_license x JOIN accounts_organization o ON o.id = x.organization_id"
    " WHERE o.slug = %s",
    "invoice": "SELECT COUNT(*) FROM billing_invoice x JOIN accounts_organization o ON o.id = x.organization_id"
    " WHERE o.slug = %s",
    "payment": "SELECT COUNT(*) FROM billing_payment p JOIN billing_invoice x ON x.id = p.invoice_id"
    " JOIN accounts_organization o ON o.id = x.organization_id WHERE o.slug = %s",
    "subscription": "SELECT COUNT(*) FROM subscriptions_subscription x"
    " JOIN accounts_organization o ON o.id = x.organization_id WHERE o.slug = %s",
    "saved card": "SELECT COUNT(*) FROM billing_savedcard x JOIN accounts_organization o ON o.id = x.organization_id"
    " WHERE o.slug = %s",
}
MAILS: Final = 'SELECT message_id, sent_at FROM kit_outboxmail WHERE key LIKE %s AND "to" = %s'


def _complaints(place: Installation, buyer: Buyer) -> Iterable[str]:
    """What isn't as it must be for a purchase that was paid."""
    charged = buyer.charged()
    if len(charged) != 1:
        yield f"{len(charged)} charges: {charged}"
    for what, query in COUNTED.items():
        ((number,),) = place.rows(query, buyer.slug)
        if number != 1:
            yield f"{number} of: {what}"
    mails = place.rows(MAILS, "%:license-ready", f"owner@{buyer.slug}.example")
    if len(mails) != 1:
        yield f"{len(mails)} mails in the outbox"
        return
    message_id, sent_at = mails[0]
    went_out = Counter(place.mails())[message_id]
    if sent_at is None or not 1 <= went_out <= 2:  # again, with the same Message-ID
        yield f"the mail went out {went_out} times, its row says {sent_at}"


SUMS: Final = {
    "licenses without a payment": "SELECT COUNT(*) FROM licensing_license l WHERE NOT EXISTS (SELECT 1 FROM"
    " billing_invoice i JOIN billing_payment p ON p.invoice_id = i.id WHERE i.organization_id = l.organization_id)",
    "gaps in the numbers of invoices": "SELECT (SELECT SUM(next_number - 1) FROM billing_invoicenumberseries)"
    " - COUNT(*) FROM billing_invoice",
    "invoices without lines": "SELECT COUNT(*) FROM billing_invoice i WHERE i.gross <>"
    " (SELECT COALESCE(SUM(gross), 0) FROM billing_invoiceline l WHERE l.invoice_id = i.id)",
    "events left": "SELECT COUNT(*) FROM payments_providerevent WHERE handled_at IS NULL",
}


def audit(place: Installation) -> list[str]:
    """What isn't as it must be once all rounds are over."""
    found = []
    for what, query in SUMS.items():
        ((number,),) = place.rows(query)
        if number:
            found.append(f"{number} {what}")
    return found


# ---- Many rounds -----------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """Every point, `rounds` times, on one kind of database; `lanes` installations side by side, since most wait."""

    template: Template
    points: Sequence[Point] = tuple(POINTS)
    rounds: Sequence[int] = range(5)
    lanes: int = 8
    first_lane: int = 0
    hear: Callable[[Outcome], None] = lambda _outcome: None
    outcomes: list[Outcome] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def run(self) -> None:
        work: queue.SimpleQueue[tuple[Point, int]] = queue.SimpleQueue()
        for number in self.rounds:
            for point in self.points:
                work.put((point, number))
        lanes = [
            threading.Thread(target=self._lane, args=(self.first_lane + lane, work), daemon=True)
            for lane in range(self.lanes)
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()

    def _lane(self, lane: int, work: queue.SimpleQueue[tuple[Point, int]]) -> None:
        place = self.template.copy(f"lane-{lane}")
        place.points = sorted({point.call for point in self.points})
        try:
            with place:
                while True:
                    try:
                        point, number = work.get_nowait()
                    except queue.Empty:
                        break
                    self._tell(self._round(place, point, number))
                self._wait_for_the_rest(place)
        except Exception:  # noqa: BLE001 (told below: a lane that breaks is a trial that failed)
            self.broken.append(traceback.format_exc())

    def _round(self, place: Installation, point: Point, number: int) -> Outcome:
        try:
            return run_round(place, point, number)
        except Exception:  # noqa: BLE001 (told as the round's outcome)
            place.armed.unlink(missing_ok=True)
            for process in (PORTAL, WORKER):
                if not place.is_running(process):
                    place.start(process)
            place.wait_until_served()
            place.release_events()
            return Outcome(point, 0.0, (traceback.format_exc(),))

    def _wait_for_the_rest(self, place: Installation) -> None:
        deadline = time.monotonic() + MUST_BE_RIGHT_WITHIN
        while (found := audit(place)) and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY)
        self.broken += found

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.hear(outcome)


TWIN: Final = Point(call=LICENSE, when="before", way=Way.RETURN, process=PORTAL)


def without_a_transaction(template: Template, *, within: float = MUST_BE_RIGHT_WITHIN) -> Outcome:
    """The twin: fulfilment without its transaction dies half way, and nothing mends that."""
    place = template.copy("twin")
    place.points = [TWIN.call]
    place.guard_off = FULFIL
    with place:
        return run_round(place, TWIN, 0, within=within)
