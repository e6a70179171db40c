"""kill -9 at some of the points of a purchase, in short; `make trials TRIAL=kill` does all of them, five times each."""

from __future__ import annotations

import os

import pytest

from trials.installation import WORKER, Template
from trials.killing import Run, without_a_transaction
from trials.points import POINTS, Point, Way, named

PORTAL_POINTS = (
    "portal, choose: after _write",
    "portal, complete: after create_intent",
    "portal, webhook: after keep_event",
    "portal, return: after _complete",
)
WORKER_POINTS = (
    "worker, webhook: before issue_license",
    "worker, webhook: after fulfil",
    "worker, webhook: after handle_event",
)
SERVERS = {"SQLite": None, "PostgreSQL": os.environ.get("KEYWRIGHT_TEST_POSTGRES_URL")}
LONG_ENOUGH = 5.0
"""Seconds in which what isn't mended shows that it never is: with its guard it takes one."""


@pytest.fixture(scope="module", params=sorted(name for name, url in SERVERS.items() if name == "SQLite" or url))
def template(request, tmp_path_factory):
    made = Template(tmp_path_factory.mktemp("killed") / request.param.lower(), SERVERS[request.param], 20)
    made.make()
    return made


def test_there_are_enough_points_and_each_has_a_name_of_its_own():
    assert len({point.name for point in POINTS}) == len(POINTS) >= 25
    assert {point.process for point in POINTS} == {"portal", "worker"}


def test_a_paid_order_has_its_license_whatever_dies(template):
    nobody_comes_back, the_buyer_comes_back = [1], [0]
    runs = [
        Run(template, points=named(*PORTAL_POINTS), rounds=nobody_comes_back, lanes=2, first_lane=0),
        Run(template, points=named(*WORKER_POINTS), rounds=the_buyer_comes_back, lanes=1, first_lane=2),
    ]
    for run in runs:
        run.run()
        assert run.broken == []
        assert [(outcome.point.name, outcome.complaints) for outcome in run.outcomes if outcome.complaints] == []
        assert len(run.outcomes) == len(run.points)


def test_without_its_transaction_a_fulfilment_that_dies_is_never_mended(template):
    outcome = without_a_transaction(template, within=LONG_ENOUGH)
    assert "0 of: license" in outcome.complaints


def test_a_point_that_does_not_exist_is_no_point(template):
    """A name that was changed in the portal breaks the trial, and isn't taken for a point that never strikes."""
    call = "keywright_portal.orders.services.fulfil:renamed"
    renamed = Point(call=call, when="before", way=Way.WEBHOOK, process=WORKER)
    run = Run(template, points=[renamed], rounds=[0], lanes=1, first_lane=3)
    run.run()
    assert run.broken or [outcome for outcome in run.outcomes if outcome.complaints]
