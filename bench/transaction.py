"""Purchases a second of our own code, from the choice to the license, against the bare transactions they need.

Ours are the services, without pages and without a network: the payment provider is one in memory. The floor runs the
very statements that ours ran, with their values and in their transactions, on a copy of the database, on SQLite's bare
driver with the same durability; it typesets the same page with typst alone and signs the same bytes with the bare key.
So the ratio is what our rules, checks, words and the ORM cost.
"""
# ruff: noqa: PLC0415  # only the child process has the portal's settings; its imports wait until Django is set up

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

from bench.measure import Figure
from demo.place import BIN, PORTS, ROOT, find_place

if TYPE_CHECKING:
    from keywright_portal.payments.gateway import PaymentGateway

GOAL = 1 / 4
ROUNDS = 7
PURCHASES = 20
"""In a round of either."""
COMMIT = "COMMIT"


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="kw-bench-") as folder:
        ports = {name: str(number) for number, name in enumerate(PORTS, start=18_620)}
        os.environ.update({"KEYWRIGHT_DEMO_DIR": folder, **ports})
        done = subprocess.run(
            [str(BIN / "python"), "-m", "bench.transaction", folder],
            env=find_place().portal_environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    ours, floor = json.loads(done.stdout)
    yield Figure(
        name="Purchases a second of our own code, against the bare transactions, page and signature they need",
        ours=f"{ours:.0f}/s",
        floor=f"{floor:.0f}/s",
        ratio=ours / floor,
        goal=f"at least {GOAL:g}",
        met=ours / floor >= GOAL,
    )


@dataclass(kw_only=True)
class Recording:
    """What a round of purchases asked of others: statements with their values, pages to typeset, bytes to sign."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    signed: list[bytes] = field(default_factory=list)


def main(folder: str) -> int:
    """In a process of its own, with the portal's settings: purchases a second of ours and of the floor, as JSON."""
    import django

    django.setup()
    from django.db import connection

    buy = _shop()
    for _ in range(3):
        buy()
    before = Path(folder) / "before.sqlite3"
    _copy(connection.connection, before)
    with _recorded() as recording:
        for _ in range(PURCHASES):
            buy()
    ours, floor = [], []
    for number in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(PURCHASES):
            buy()
        ours.append(PURCHASES / (time.perf_counter() - began))
        floor.append(PURCHASES / _replay(recording, before, Path(folder) / f"floor-{number}.sqlite3"))
    json.dump((statistics.median(ours), statistics.median(floor)), sys.stdout)
    return 0


def _shop() -> Callable[[], None]:
    """A new portal with a customer; calling what it gives is one purchase."""
    from django.core.management import call_command

    import keywright_portal.catalog
    from bench.memory_gateway import MemoryGateway
    from bench.seed import customer
    from keywright_portal.accounts.models import Membership
    from keywright_portal.accounts.selectors import actor_of
    from keywright_portal.catalog.file import read_catalog
    from keywright_portal.catalog.services.apply_catalog import apply_catalog
    from keywright_portal.kit import clock
    from keywright_portal.kit.actor import system
    from keywright_portal.licensing.services.create_keys import create_keys
    from keywright_portal.orders.completion import BillingDetails, Completion
    from keywright_portal.orders.services.choose import choose_subscription
    from keywright_portal.orders.services.fulfil import fulfil_intent
    from keywright_portal.orders.services.start_payment import start_payment

    call_command("migrate", verbosity=0, interactive=False)
    file = Path(keywright_portal.catalog.__file__).parent / "default.toml"
    apply_catalog(catalog=read_catalog(file.read_text(), base_dir=file.parent), actor=system("bench"), now=clock.now())
    create_keys(actor=system("bench"), now=clock.now())
    slug = customer("bench", subscriptions=0)["slug"]
    membership = Membership.objects.select_related("organization", "user").get(organization__slug=slug)
    organization = membership.organization
    actor = actor_of(user_id=membership.user.pk, organization_id=organization.pk, role=membership.role)
    memory = MemoryGateway()
    gateway = cast("PaymentGateway", memory)
    address = {"street": "Speicherweg 14", "postal_code": "20457", "city": "Hamburg"}
    billing = BillingDetails(name="Bench", country="DE", vat_number="", email="", **address)

    def buy() -> None:
        order = choose_subscription(
            actor=actor,
            organization=organization,
            plan_code="E20",
            seats=200,
            add_on_codes=["premier-support"],
            currency="EUR",
            gateway=gateway,
            now=clock.now(),
        )
        completion = Completion(
            billing=billing, purchase_order="", accepts_terms=True, save_card=False, amount_shown=order.gross
        )
        intent = start_payment(actor=actor, order_id=order.pk, completion=completion, gateway=gateway, now=clock.now())
        memory.pay(intent.id)
        paid = fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("bench"), now=clock.now())
        if paid is None or paid.fulfilled_at is None:
            raise RuntimeError("the purchase wasn't fulfilled")

    return buy


@contextmanager
def _recorded() -> Iterator[Recording]:
    from django.db import connection
    from django.db.backends.sqlite3.base import SQLiteCursorWrapper

    from keywright_portal.billing import pdf
    from keywright_portal.licensing.signing.encrypted_files import EncryptedFiles

    recording = Recording()
    execute, commit, compiler, sign = (
        SQLiteCursorWrapper.execute,
        connection.commit,
        pdf.compiler(),
        EncryptedFiles.sign,
    )

    def remember(cursor: Any, query: str, params: Any = None) -> Any:
        bare = query if params is None else cursor.convert_query(query, param_names=None)
        recording.statements.append((bare, tuple(params or ())))
        return execute(cursor, query, params)

    def remember_commit() -> None:
        recording.statements.append((COMMIT, ()))
        commit()

    def remember_page(**page: Any) -> object:
        recording.pages.append(page)
        return compiler.compile(**page)

    def remember_signature(signer: EncryptedFiles, kid: str, data: bytes) -> bytes:
        recording.signed.append(data)
        return sign(signer, kid, data)

    with (
        mock.patch.object(SQLiteCursorWrapper, "execute", remember),
        mock.patch.object(connection, "commit", remember_commit),
        mock.patch.object(pdf, "compiler", return_value=mock.Mock(compile=remember_page)),
        mock.patch.object(EncryptedFiles, "sign", remember_signature),
    ):
        yield recording


_numbers = count(1)


def _replay(recording: Recording, before: Path, copy: Path) -> float:
    """Seconds of the bare work of a round. Each page gets another name, since typst remembers what it set before."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from keywright_portal.billing import pdf

    source = sqlite3.connect(before)
    _copy(source, copy)
    source.close()
    bare = sqlite3.connect(copy, isolation_level=None, cached_statements=1_000)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
    key = Ed25519PrivateKey.generate()
    pages = []
    for page in recording.pages:
        texts = {name: text.replace("INV-", f"INV-{next(_numbers)}-") for name, text in page["sys_inputs"].items()}
        pages.append({**page, "sys_inputs": texts})
    began = time.perf_counter()
    for sql, values in recording.statements:
        bare.execute(sql, values).fetchall()
    for page in pages:
        pdf.compiler().compile(**page)
    for data in recording.signed:
        key.sign(data)
    took = time.perf_counter() - began
    bare.close()
    return took


def _copy(source: sqlite3.Connection, to: Path) -> None:
    with sqlite3.connect(to) as target:
        source.backup(target)
    target.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
