"""Running it: one process, one worker, until SIGTERM or SIGINT."""

import asyncio
import signal
import socket

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from stripe_simulator.application import make_application
from stripe_simulator.simulator import Simulator


class AddressTakenError(Exception):
    """Somebody else listens there, or the address isn't this machine's."""


def serve(simulator: Simulator, *, host: str, port: int) -> None:
    refuse_taken_address(host, port)
    try:
        asyncio.run(_serve(simulator, host, port))
    finally:
        simulator.store.close()
        simulator.record.close()


def refuse_taken_address(host: str, port: int) -> None:
    """Granian would listen beside another process on the same port, since it shares ports between workers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTakenError(
                f"Port {port} on {host} can't be listened on ({error.strerror}). "
                "Stop what uses it, or choose another with --port."
            ) from error


async def _serve(simulator: Simulator, host: str, port: int) -> None:
    server = Server(
        make_application(simulator),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()
