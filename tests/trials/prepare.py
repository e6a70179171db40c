"""Prepares an installation's database: migrated, with catalog, keys, and buyers who are signed in. Prints the buyers.

Run in the installation's environment: `python prepare.py NUMBER`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402 (models can be imported only now)
from django.contrib.auth import SESSION_KEY  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

import keywright_portal.catalog  # noqa: E402
from keywright_portal.accounts.models import Membership, Organization, Role, User  # noqa: E402
from keywright_portal.catalog.file import read_catalog  # noqa: E402
from keywright_portal.catalog.services.apply_catalog import apply_catalog  # noqa: E402
from keywright_portal.kit import clock  # noqa: E402
from keywright_portal.kit.actor import system  # noqa: E402
from keywright_portal.licensing.services.create_keys import create_keys  # noqa: E402


def main(number: int) -> None:
    actor, now = system("trial"), clock.now()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    file = Path(keywright_portal.catalog.__file__).parent / "default.toml"
    apply_catalog(catalog=read_catalog(file.read_text(), base_dir=file.parent), actor=actor, now=now)
    create_keys(actor=actor, now=now)
    print(json.dumps([buyer(position, now) for position in range(number)]))


def buyer(position, now):
    slug = f"buyer-{position}"
    organization = Organization.objects.create(slug=slug, name=f"Buyer {position}", country="DE", created_at=now)
    user = User(email=f"owner@{slug}.example", name="Ana Ferreira")
    user.set_unusable_password()  # hashing hundreds takes longer than all the rest
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(user=user, organization=organization, role=Role.OWNER, created_at=now)
    client = Client()
    client.force_login(user)
    assert client.session[SESSION_KEY]
    (cookie,) = client.cookies.values()
    return {"slug": slug, "organization_id": organization.pk.hex, "cookie": f"{cookie.key}={cookie.value}"}


if __name__ == "__main__":
    main(int(sys.argv[1]))
