"""`make demo`: start everything, say where it is and what to try, and stop it all on Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time

from demo.place import ADMIN, STAFF_EMAIL, DemoError, Place, find_place
from demo.processes import Processes
from demo.starting import start

WELCOME = """
  Customer Portal       {portal}
  Mailbox               {portal}/demo/mail/      every mail that the portal sends
  System Console        {console}      {admin} / {admin_password}
  Back office           {portal}/backoffice/      {staff} / {staff_password}
  Stripe simulator      {simulator}     payments, events and deliveries

  Test cards (any later date, any CVC)
    4242 4242 4242 4242   succeeds
    4000 0025 0000 3155   asks for 3D Secure
    4000 0000 0000 0002   is declined

  What to try
    1. Sign up at {portal}/sign-up/ and confirm the address in the Mailbox.
    2. Buy E20 for 200 users with Premier Support, pay with 4000 0025 0000 3155, complete the challenge.
    3. Download the license key.
    4. Log in to the System Console, go to About > Edition and License, and apply it.

  State is kept in {folder}. make demo-reset empties it.
  Ctrl-C stops everything.
"""


def main() -> int:
    # SIGINT too: a shell without job control has its background commands ignore it, and Python then leaves it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    print("\nKeywright demo", flush=True)
    try:
        place = find_place()
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    processes = Processes(logs=place.folder / "log")
    try:
        start(place, processes)
        print(welcome(place), flush=True)
        while True:
            time.sleep(0.5)
            processes.check()
    except KeyboardInterrupt:
        print("\n  Stopping …", flush=True)
        return 0
    except DemoError as error:
        print(f"\n\n{error}", file=sys.stderr)
        return 1
    finally:
        processes.stop()


def welcome(place: Place) -> str:
    return WELCOME.format(
        portal=place.portal_url,
        console=place.console_url,
        simulator=place.simulator_url,
        admin=ADMIN,
        admin_password=place.secrets["sysadmin_password"],
        staff=STAFF_EMAIL,
        staff_password=place.secrets["staff_password"],
        folder=place.folder,
    )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
