"""One invoice as a PDF: ours from its rows to the bytes, the floor typst alone with the same page already as data.

The floor has the same template, the same fonts and a compiler that is warm, so the ratio is what our words, sums and
dates cost. The compiler remembers what it set before; each call is for another number and another buyer, as in life.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

from bench.measure import Figure, in_turn, in_words
from demo.place import BIN, PORTS, ROOT, find_place

GOAL = 2.0
NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
MARK = "Brightwater"
"""In the buyer's name, where the floor puts another name each time."""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="kw-bench-") as folder:
        ports = {name: str(number) for number, name in enumerate(PORTS, start=18_600)}
        os.environ.update({"KEYWRIGHT_DEMO_DIR": folder, **ports})
        done = subprocess.run(
            [str(BIN / "python"), "-m", "bench.invoice"],
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
        name="One invoice’s PDF, from its rows, against typst alone",
        ours=in_words(ours),
        floor=in_words(floor),
        ratio=ours / floor,
        goal=f"at most {GOAL:g}",
        met=ours / floor <= GOAL,
    )


def main() -> int:
    """In a process of its own, with the portal's settings: seconds of ours and of the floor, as JSON."""
    import django  # noqa: PLC0415 (only this process has the portal's settings)

    django.setup()
    json.dump(in_turn(*_calls()), sys.stdout)
    return 0


def _calls() -> tuple[Callable[[], object], Callable[[], object]]:
    from keywright_portal.billing import pdf, wording  # noqa: PLC0415 (after Django is set up)
    from keywright_portal.billing.models import Invoice, InvoiceLine, Payment  # noqa: PLC0415 (as above)

    numbers = count(1)
    lines = [
        InvoiceLine(
            description=name,
            calculation=f"200 users × {price}",
            quantity=200,
            unit_amount=unit,
            net=200 * unit,
            tax_basis_points=1_900,
            tax=38 * unit,
            gross=238 * unit,
        )
        for name, price, unit in (("Enterprise Edition E20", "€102.00", 10_200), ("Premier Support", "€20.40", 2_040))
    ]

    def rows(number: int) -> tuple[Invoice, Payment]:
        invoice = Invoice(
            number=f"INV-2026-{number:06d}",
            order_number="ORD-2345-6789",
            purchase_order="4500017391",
            currency="EUR",
            net=sum(line.net for line in lines),
            tax=sum(line.tax for line in lines),
            gross=sum(line.gross for line in lines),
            tax_kind="taxed",
            tax_name="VAT",
            buyer={"name": f"{MARK} {number} GmbH", "lines": ["Speicherweg 14", "20457 Hamburg", "Germany"]},
            seller={
                "name": "Example Software",
                "legal_name": "Example Software GmbH",
                "lines": ["Musterstraße 1", "10115 Berlin", "Germany"],
                "footer": "Example Software GmbH · billing@example-software.example",
            },
            issued_at=NOW,
            due_at=NOW,
            paid_at=NOW,
        )
        payment = Payment(
            invoice=invoice,
            amount=invoice.gross,
            currency="EUR",
            card_brand="visa",
            card_last4="4242",
            received_at=NOW,
        )
        return invoice, payment

    def ours() -> object:
        invoice, payment = rows(next(numbers))
        return pdf.typeset_invoice(invoice=invoice, lines=lines, payment=payment)

    invoice, payment = rows(0)
    page = pdf.as_input(wording.invoice(invoice, lines, payment))

    def floor() -> object:
        data = page.replace(MARK, f"{MARK}{next(numbers)}").replace("INV-2026-000000", f"INV-2026-{next(numbers):06d}")
        return pdf.compiler().compile(format="pdf", sys_inputs={"document": data}, timestamp=int(NOW.timestamp()))

    return ours, floor


if __name__ == "__main__":
    sys.exit(main())
