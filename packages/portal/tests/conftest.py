"""What the portal's tests stand on: an instant, the default catalog, keys, two organizations, a payment provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

import keywright_portal.catalog
from gateway_double import GatewayDouble
from keywright_license import keys
from keywright_portal.accounts.models import Membership, Organization, Role, User
from keywright_portal.accounts.selectors import actor_of
from keywright_portal.catalog.file import CatalogFile, PlanEntry, read_catalog
from keywright_portal.catalog.services.apply_catalog import apply_catalog
from keywright_portal.kit.actor import Actor, system
from keywright_portal.licensing import signing
from keywright_portal.licensing.services.create_keys import create_keys

pytest_plugins = ["racing", "emptying", "in_chromium"]

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
CATALOG = Path(keywright_portal.catalog.__file__).parent / "default.toml"


@dataclass(frozen=True)
class Buyer:
    """An organization and one of its people."""

    organization: Organization
    user: User
    actor: Actor


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def catalog(db: None) -> None:
    """The default catalog, plain: prices in USD alone and no tax. `default_catalog` has the others too."""
    apply_catalog(catalog=plain(default_file()), actor=system("test"), now=NOW)


@pytest.fixture
def default_catalog(catalog: None) -> None:
    """The catalog as Keywright comes with it: three currencies, tax in thirty countries."""
    apply_catalog(catalog=default_file(), actor=system("test"), now=NOW)


def default_file() -> CatalogFile:
    return read_catalog(CATALOG.read_text(), base_dir=CATALOG.parent)


def plain(file: CatalogFile) -> CatalogFile:
    def in_dollars(plan: PlanEntry) -> PlanEntry:
        return replace(plan, prices=tuple(price for price in plan.prices if price.currency == "USD"))

    products = [replace(product, plans=tuple(map(in_dollars, product.plans))) for product in file.products]
    return replace(file, products=tuple(products), vendor=replace(file.vendor, currencies={}, tax_rates={}))


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    """Finding primes takes longer than most tests: one key serves a run."""
    return keys.generate_rsa()


@pytest.fixture
def signing_keys(db: None, settings, tmp_path, monkeypatch, rsa_key) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    signing.signer.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(keys, "generate_rsa", lambda: rsa_key)
        create_keys(actor=system("test"), now=NOW)
    yield
    signing.signer.cache_clear()


@pytest.fixture
def gateway() -> GatewayDouble:
    return GatewayDouble()


def make_buyer(name: str, *, role: Role = Role.OWNER) -> Buyer:
    slug = name.lower().replace(" ", "-")
    organization = Organization.objects.create(slug=slug, name=name, country="DE", created_at=NOW)
    user = User.objects.create_user(f"{role}@{slug}.example", "correct horse battery", name="Ana Ferreira")
    Membership.objects.create(user=user, organization=organization, role=role, created_at=NOW)
    return Buyer(organization, user, actor_of(user_id=user.pk, organization_id=organization.pk, role=role))


@pytest.fixture
def new_buyer(db: None) -> Callable[[str], Buyer]:
    """For tests that need many."""
    return make_buyer


@pytest.fixture
def buyer(db: None) -> Buyer:
    return make_buyer("Brightwater Logistics")


@pytest.fixture
def stranger(db: None) -> Buyer:
    return make_buyer("Other Company")
