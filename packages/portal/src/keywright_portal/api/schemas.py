"""What the API takes and answers, as its OpenAPI description says it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StrictInt, StringConstraints

from keywright_portal.domain.pricing import MAX_SEATS, MIN_SEATS, LineKind, PriceKind
from keywright_portal.domain.tax import TaxKind

MOST_ADD_ONS: Final = 50
"""Add-ons in one request: far more than a catalog offers with a plan."""
Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._-]{1,60}$")]
"""The code of a plan or an add-on: what a catalog file may name them."""


Country = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}$")]


def _whole(value: object) -> object:
    """JSON has one kind of number, and JSON Schema calls 200.0 an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Problem(Schema):
    """What went wrong. `code` is stable; `message` is a sentence for people, which says what to do next."""

    code: str
    message: str
    field: str | None = Field(description="The field of the request that it is about, where it is about one.")


class Amount(Schema):
    """Money: `amount` minor units of `currency`, such as 10200 of USD for $102.00."""

    amount: int
    currency: str = Field(description="ISO 4217")


class Jwk(Schema):
    """A public key (RFC 7517)."""

    model_config = ConfigDict(extra="allow")

    kty: str
    kid: str
    use: str


class JwkSet(Schema):
    """The keys that a product pins: roots, and the RSA keys of the format that knows no certificates."""

    keys: list[Jwk]


class CatalogAddOn(Schema):
    """An add-on as it is sold with a plan. `price` is for one user, or for the term where `kind` is `flat`."""

    code: str
    name: str
    summary: str
    kind: PriceKind
    price: Amount
    basis_points: int | None = Field(description="Its share of the plan's price per user; 2000 are 20 %.")


class CatalogPlan(Schema):
    """A plan. `features` are the names by which licenses grant them; `highlights` are for people."""

    code: str
    name: str
    product: str
    product_name: str
    summary: str
    highlights: list[str]
    features: list[str]
    price_per_user: Amount
    add_ons: list[CatalogAddOn]


class Catalog(Schema):
    """What is sold today, each price for one term. The currency is that of the country asked for, or the vendor's."""

    currency: str
    prices_include_tax: bool
    term_months: int
    plans: list[CatalogPlan]


class QuoteRequest(Schema):
    """A choice. There is no field for a price or a currency: the server's own count."""

    model_config = ConfigDict(extra="forbid")

    plan: Code
    users: Annotated[StrictInt, Field(ge=MIN_SEATS, le=MAX_SEATS), BeforeValidator(_whole)]
    add_ons: Annotated[list[Code], Field(max_length=MOST_ADD_ONS)] = []
    country: Country | None = Field(
        None, description="Where the buyer is (ISO 3166): currency and tax follow from it. Without it: no tax."
    )
    vat_number: Annotated[str, StringConstraints(strict=True, max_length=30)] = Field(
        "", description="Within the EU: with a valid one of another country than the seller's the charge is reversed."
    )
    coupon: Annotated[str, StringConstraints(strict=True, max_length=60)] = ""


class QuoteLine(Schema):
    """`quantity` × `unit` = `total`. `total` − `discount` is `net`, or `gross` where prices include tax."""

    kind: LineKind
    code: str
    name: str
    quantity: int
    unit: Amount
    total: Amount
    discount: Amount
    net: Amount
    tax: Amount
    gross: Amount
    tax_basis_points: int
    basis_points: int | None


class Tax(Schema):
    """The tax of a quote. `kind` is `untaxed` also where no country was given."""

    kind: TaxKind
    name: str
    basis_points: int
    included: bool = Field(description="Whether prices hold it already.")
    amount: Amount


class Quote(Schema):
    """What the choice costs for one term at today's prices. It is no offer: nothing is reserved, no coupon is used."""

    plan: str
    users: int
    term_months: int
    lines: list[QuoteLine]
    price_per_user: Amount = Field(
        description="The plan's with per-user and percentage add-ons, without flat ones; after the coupon, before tax."
    )
    subtotal: Amount = Field(description="The sum of the lines' totals.")
    coupon: str | None
    discount: Amount
    net: Amount
    tax: Tax
    total: Amount = Field(description="What is to be paid: net and tax.")


PROBLEMS: Final[dict[int, Any]] = {400: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem, 503: Problem}
