"""What a vendor and its customer do in a real portal, for tests of consoles that speak to it. Prints JSON.

Run in the portal's environment: `python vendor_acts.py prepare | add_seats | answer FILE | record FILE | show`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (models can be imported only now)

import keywright_portal.catalog  # noqa: E402
from keywright_portal.accounts.models import Organization  # noqa: E402
from keywright_portal.catalog.file import read_catalog  # noqa: E402
from keywright_portal.catalog.services.apply_catalog import apply_catalog  # noqa: E402
from keywright_portal.kit import clock  # noqa: E402
from keywright_portal.kit.actor import system  # noqa: E402
from keywright_portal.licensing.deployment_models import Deployment, UsageReport  # noqa: E402
from keywright_portal.licensing.models import LicenseFile  # noqa: E402
from keywright_portal.licensing.selectors import trusted_keys_jwks  # noqa: E402
from keywright_portal.licensing.services.activate import activate  # noqa: E402
from keywright_portal.licensing.services.create_keys import create_keys  # noqa: E402
from keywright_portal.licensing.services.record_usage import record_usage  # noqa: E402
from keywright_portal.subscriptions.models import Term  # noqa: E402
from licensed import issue_again, license_for  # noqa: E402

ACTOR = system("test")


def prepare() -> None:
    """Catalog, keys, and a customer with a license of 200 seats."""
    now = clock.now()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    file = Path(keywright_portal.catalog.__file__).parent / "default.toml"
    apply_catalog(catalog=read_catalog(file.read_text(), base_dir=file.parent), actor=ACTOR, now=now)
    create_keys(actor=ACTOR, now=now)
    buyer = Organization.objects.create(slug="brightwater", name="Brightwater", country="DE", created_at=now)
    _write(license_for(buyer, now=now))
    Path("trusted.json").write_text(trusted_keys_jwks())


def add_seats() -> None:
    """Fifty more: a file that supersedes the one before."""
    term = Term.objects.get()
    term.seats += 50
    term.save()
    print(json.dumps({"seats": term.seats}))
    issue_again(term, now=clock.now())


def answer(request: str) -> None:
    """What the Deployments page does with an uploaded request."""
    given = activate(request=Path(request).read_bytes(), actor=ACTOR, now=clock.now())
    Path("answer").write_bytes(given.answer)


def record(export: str) -> None:
    """What it does with an uploaded export."""
    record_usage(reports=Path(export).read_bytes(), actor=ACTOR, now=clock.now())


def show() -> None:
    """Places that are taken, and counts that came."""
    places = Deployment.objects.filter(released_at=None).order_by("slot")
    counts = UsageReport.objects.order_by("seq").values_list("seq", "active_users")
    print(json.dumps({"places": [[one.name, one.kind] for one in places], "counts": list(counts)}))


def _write(file: LicenseFile) -> None:
    Path("license").write_bytes(bytes(file.content))


ACTS = {"prepare": prepare, "add_seats": add_seats, "answer": answer, "record": record, "show": show}

if __name__ == "__main__":
    ACTS[sys.argv[1]](*sys.argv[2:])
