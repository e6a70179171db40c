"""`stripe-simulator serve`: the command that starts it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 12111
LARGEST_PORT = 65535
RECORD_VARIABLE = "STRIPE_SIMULATOR_RECORD"
"""For a simulator that somebody else starts, such as a demo under test."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    return serve_command(options)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="stripe-simulator", description="A Stripe that runs offline, for the demo and the tests. No money moves."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="answer Stripe's API, its browser script and a page of what happened",
        description="Answers Stripe's API, its browser script and a page of what happened, until it is stopped.",
    )
    serve.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=port, default=DEFAULT_PORT, help="port to listen on (default: %(default)s)")
    serve.add_argument("--state", type=Path, metavar="FILE", help="keep the state in this file (default: in memory)")
    serve.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        default=os.environ.get(RECORD_VARIABLE),
        help=f"append every call, its answer and every event sent, a line of JSON each (default: ${RECORD_VARIABLE})",
    )
    serve.add_argument("--webhook-url", metavar="URL", help="where events are delivered (default: as in the state)")
    serve.add_argument(
        "--webhook-secret",
        metavar="whsec_…",
        action="append",
        default=[],
        help="signs the deliveries; given twice, both sign, as while a secret is rolled",
    )
    serve.add_argument("--secret-key", metavar="sk_test_…", help="the only secret key taken (default: any sk_test_…)")
    serve.add_argument(
        "--publishable-key", metavar="pk_test_…", help="the only publishable key taken (default: any pk_test_…)"
    )
    return top


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; ports are 1 to {LARGEST_PORT}")
    return int(text)


def serve_command(options: argparse.Namespace) -> int:
    from stripe_simulator.authentication import PUBLISHABLE_PREFIX, SECRET_PREFIX, Keys  # noqa: PLC0415 - --help is quick
    from stripe_simulator.record import UnusableRecordError  # noqa: PLC0415 - as above
    from stripe_simulator.serve import AddressTakenError, serve  # noqa: PLC0415 - as above
    from stripe_simulator.simulator import open_simulator  # noqa: PLC0415 - as above
    from stripe_simulator.store import UnusableStateError  # noqa: PLC0415 - as above

    for name, key, prefix in (
        ("--secret-key", options.secret_key, SECRET_PREFIX),
        ("--publishable-key", options.publishable_key, PUBLISHABLE_PREFIX),
    ):
        if key is not None and not key.startswith(prefix):
            return _fail(f"{name} must start with {prefix}: the simulator takes test keys alone.")
    if bool(options.webhook_url) != bool(options.webhook_secret):
        return _fail("--webhook-url and --webhook-secret go together, since every delivery is signed.")
    try:
        simulator = open_simulator(
            state=options.state,
            record=options.record,
            keys=Keys(secret=options.secret_key, publishable=options.publishable_key),
            webhook_url=options.webhook_url,
            webhook_secrets=options.webhook_secret,
        )
        serve(simulator, host=options.host, port=options.port)
    except AddressTakenError as error:
        return _fail(str(error))
    except UnusableStateError as error:
        return _fail(f"The state in {options.state} can't be used: {error}.")
    except UnusableRecordError as error:
        return _fail(f"{options.record} can't be written: {error}.")
    return 0


def _fail(sentence: str) -> int:
    print(f"stripe-simulator: {sentence}", file=sys.stderr)
    return 1
