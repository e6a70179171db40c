"""The public API: what anybody may read. What an organization alone may read is in `billing.py`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from ninja import NinjaAPI

from keywright_portal.api import activations, billing, errors, revocations, schemas, usage
from keywright_portal.api.limits import QUOTES, count_request
from keywright_portal.catalog import selectors as catalog
from keywright_portal.domain.pricing import add_on_unit
from keywright_portal.domain.term import TERM_MONTHS
from keywright_portal.kit import clock
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.orders.coupons import coupon_for
from keywright_portal.orders.quoting import price_choice, treatment_for

if TYPE_CHECKING:
    from keywright_portal.catalog.selectors import OfferedAddOn, OfferedPlan
    from keywright_portal.domain.money import Money
    from keywright_portal.domain.pricing import QuoteLine

KEYS_KEPT: Final = 300
"""Seconds for which keys may be kept: a new key is announced well before it signs."""
CATALOG_KEPT: Final = 60
"""Seconds for which the catalog may be kept: a price that was changed shows within a minute."""

api = NinjaAPI(
    title="Keywright",
    version="1",
    description="What anybody may read of a portal: the keys that verify its licenses, what is sold, what it costs. "
    "And, for who is signed in, what an organization was billed.",
    urls_namespace="api-v1",
    docs_url=None,  # ninja's page of documentation loads from a foreign host
)
errors.install(api)
api.add_router("/organizations", billing.router)
api.add_router("", activations.router)
api.add_router("", usage.router)
activations.install(api)
api.add_router("/revocations", revocations.router)


@api.get("/keys", response={200: schemas.JwkSet, 304: None}, operation_id="keys", summary="The keys that products pin")
def keys(request: HttpRequest) -> HttpResponse:
    """The JWK set to build into a product, or to compare with the one that is built in."""
    content = trusted_keys_jwks().encode()
    response = HttpResponse(content, content_type="application/json")
    patch_cache_control(response, public=True, max_age=KEYS_KEPT)
    response["ETag"] = quote_etag(hashlib.sha256(content).hexdigest())
    conditional = get_conditional_response(request, etag=response["ETag"], response=response)
    if not isinstance(conditional, HttpResponse):
        raise TypeError("a response was handed in, so one comes back")
    return conditional


@api.get(
    "/catalog",
    response={200: schemas.Catalog, 503: schemas.Problem},
    operation_id="catalog",
    summary="What is sold",
)
def read_catalog(
    request: HttpRequest,  # noqa: ARG001 (ninja's signature)
    response: HttpResponse,
    country: schemas.Country | None = None,
) -> schemas.Catalog:
    """Plans with their features, prices and add-ons, in the catalog's order."""
    vendor = catalog.vendor()
    currency = vendor.currency_for(country or "")
    patch_cache_control(response, public=True, max_age=CATALOG_KEPT)
    return schemas.Catalog(
        currency=currency,
        prices_include_tax=vendor.prices_include_tax,
        term_months=TERM_MONTHS,
        plans=[_plan(offered) for offered in catalog.offered_plans(currency=currency)],
    )


@api.post(
    "/quote",
    response={200: schemas.Quote, **schemas.PROBLEMS},
    operation_id="quote",
    summary="What a choice costs",
)
def quote(request: HttpRequest, choice: schemas.QuoteRequest) -> schemas.Quote:
    """Lines and total for a number of users of a plan, reckoned by the server at today's prices."""
    now = clock.now()
    count_request(limit=QUOTES, request=request, now=now)
    vendor = catalog.vendor()
    currency = vendor.currency_for(choice.country or "")
    priced = price_choice(
        plan_code=choice.plan,
        seats=choice.users,
        add_on_codes=choice.add_ons,
        currency=currency,
        coupon=coupon_for(code=choice.coupon, plan_code=choice.plan, currency=currency, now=now),
        treatment=treatment_for(country=choice.country or "", vat_number=choice.vat_number, vendor=vendor),
    )
    reckoned = priced.quote
    return schemas.Quote(
        plan=priced.offered.plan.code,
        users=priced.seats,
        term_months=TERM_MONTHS,
        lines=[_line(line) for line in reckoned.lines],
        price_per_user=_amount(reckoned.price_per_user),
        subtotal=_amount(reckoned.subtotal),
        coupon=reckoned.coupon_code or None,
        discount=_amount(reckoned.discount),
        net=_amount(reckoned.net),
        tax=schemas.Tax(
            kind=reckoned.treatment.kind,
            name=reckoned.treatment.name,
            basis_points=reckoned.treatment.basis_points,
            included=reckoned.treatment.inclusive,
            amount=_amount(reckoned.tax),
        ),
        total=_amount(reckoned.gross),
    )


def _line(line: QuoteLine) -> schemas.QuoteLine:
    return schemas.QuoteLine(
        kind=line.kind,
        code=line.code,
        name=line.name,
        quantity=line.quantity,
        unit=_amount(line.unit),
        total=_amount(line.total),
        discount=_amount(line.discount),
        net=_amount(line.net),
        tax=_amount(line.tax),
        gross=_amount(line.gross),
        tax_basis_points=line.tax_basis_points,
        basis_points=line.basis_points,
    )


def _plan(offered: OfferedPlan) -> schemas.CatalogPlan:
    plan = offered.plan
    return schemas.CatalogPlan(
        code=plan.code,
        name=plan.name,
        product=plan.product.code,
        product_name=plan.product.name,
        summary=plan.summary,
        highlights=plan.highlights,
        features=plan.features,
        price_per_user=_amount(offered.price.per_user),
        add_ons=[_add_on(add_on, of=offered) for add_on in offered.add_ons],
    )


def _add_on(offered: OfferedAddOn, *, of: OfferedPlan) -> schemas.CatalogAddOn:
    return schemas.CatalogAddOn(
        code=offered.add_on.code,
        name=offered.add_on.name,
        summary=offered.add_on.summary,
        kind=offered.price.kind,
        price=_amount(add_on_unit(offered.price, plan=of.price)),
        basis_points=offered.price.basis_points,
    )


def _amount(money: Money) -> schemas.Amount:
    return schemas.Amount(amount=money.amount, currency=money.currency)
