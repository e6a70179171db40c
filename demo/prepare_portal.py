"""The portal's database, catalog, keys and staff account: what a vendor sets up once. Again changes nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (models can be imported only now)

import keywright_portal.catalog  # noqa: E402
from keywright_portal.accounts.models import StaffRole, User  # noqa: E402
from keywright_portal.accounts.services.create_staff import create_staff  # noqa: E402
from keywright_portal.catalog.file import read_catalog  # noqa: E402
from keywright_portal.catalog.models import Vendor  # noqa: E402
from keywright_portal.catalog.services.apply_catalog import apply_catalog  # noqa: E402
from keywright_portal.kit import clock  # noqa: E402
from keywright_portal.kit.actor import system  # noqa: E402
from keywright_portal.licensing.models import RootKey  # noqa: E402
from keywright_portal.licensing.selectors import trusted_keys_jwks  # noqa: E402
from keywright_portal.licensing.services.create_keys import create_keys  # noqa: E402


def main(trusted_keys: Path, staff_email: str) -> None:
    actor = system("demo")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if not Vendor.objects.exists():
        file = Path(keywright_portal.catalog.__file__).parent / "default.toml"
        apply_catalog(catalog=read_catalog(file.read_text(), base_dir=file.parent), actor=actor, now=clock.now())
    if not RootKey.objects.exists():
        create_keys(actor=actor, now=clock.now())
    if not User.objects.filter(email=staff_email).exists():
        password = os.environ["DEMO_STAFF_PASSWORD"]
        create_staff(
            email=staff_email,
            name="Vendor staff",
            password=password,
            role=StaffRole.ADMIN,
            actor=actor,
            now=clock.now(),
        )
    trusted_keys.write_text(trusted_keys_jwks())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
