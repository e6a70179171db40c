"""The ASGI application: the API, the browser's part, the control plane and the page for people."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.routing import Route

from stripe_simulator import browser, control, overview
from stripe_simulator.api import answer_api
from stripe_simulator.books import keep_books_for_ever
from stripe_simulator.deliveries import deliver_for_ever
from stripe_simulator.shapes import RELEASE_TRAIN
from stripe_simulator.simulator import Simulator

LOG = logging.getLogger(__name__)
API_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]


def stop_if_broken(worker: "asyncio.Task[None]") -> None:
    """A simulator that silently delivers nothing, or pays nothing out, would be worse than one that ends."""
    if not worker.cancelled() and (error := worker.exception()) is not None:
        LOG.critical("The simulator’s work in the background broke, so it stops.", exc_info=error)
        signal.raise_signal(signal.SIGTERM)


def make_application(simulator: Simulator) -> Starlette:
    @asynccontextmanager
    async def with_deliveries(_application: Starlette) -> AsyncIterator[None]:
        workers = [asyncio.create_task(work(simulator)) for work in (deliver_for_ever, keep_books_for_ever)]
        for worker in workers:
            worker.add_done_callback(stop_if_broken)
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
                with suppress(asyncio.CancelledError):
                    await worker

    application = Starlette(
        routes=[
            Route("/", overview.overview),
            Route("/v3", browser.script),
            Route("/v3/", browser.script),
            Route(f"/{RELEASE_TRAIN}/stripe.js", browser.script),
            Route("/frames/card", browser.card_frame),
            Route("/assets/{name}", browser.asset),
            Route("/3d_secure/{intent}", browser.challenge_page),
            Route("/3d_secure/{intent}/{outcome}", browser.challenge_result, methods=["POST"]),
            *control.ROUTES,
            Route("/v1/{path:path}", answer_api, methods=API_METHODS),
        ],
        lifespan=with_deliveries,
    )
    application.state.simulator = simulator
    return application
