"""Revocation bundles, as products fetch them: for anybody, since they say nothing but which ids are revoked."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from ninja import Router

from keywright_portal.api import schemas
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.licensing.models import BundleSeries
from keywright_portal.licensing.selectors import newest_bundle

BUNDLE_KEPT: Final = 300
"""Seconds for which a bundle may be kept: as often as the portal looks for what is new."""
CONTENT_TYPE: Final = "application/vnd.keywright.revocations"

router = Router()
_RESPONSES: Final = {200: None, 304: None, 404: schemas.Problem}
_DESCRIBED: Final[dict[str, Any]] = {"responses": {200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}}}


@router.get(
    "/{product}",
    response=_RESPONSES,
    operation_id="revocations",
    summary="What is revoked, signed by the portal",
    openapi_extra=_DESCRIBED,
)
def revocations(request: HttpRequest, product: str) -> HttpResponse:
    """The newest bundle by an issuing key of the product: which licenses are revoked. 404 where none ever was."""
    return _answer(request, product=product, series=BundleSeries.ISSUING)


@router.get(
    "/{product}/root",
    response=_RESPONSES,
    operation_id="root_revocations",
    summary="What is revoked, signed by a root key",
    openapi_extra=_DESCRIBED,
)
def root_revocations(request: HttpRequest, product: str) -> HttpResponse:
    """The newest bundle by a root key for the product, or for all: which keys are revoked. 404 where none ever was."""
    return _answer(request, product=product, series=BundleSeries.ROOT)


def _answer(request: HttpRequest, *, product: str, series: BundleSeries) -> HttpResponse:
    bundle = newest_bundle(product=product, series=series) if "\x00" not in product else None
    if bundle is None:
        raise NotFoundError(_("There is no such bundle: nothing was revoked, or there is no such product."))
    response = HttpResponse(bytes(bundle.content), content_type=CONTENT_TYPE)
    patch_cache_control(response, public=True, max_age=BUNDLE_KEPT)
    response["ETag"] = quote_etag(f"{series}-{bundle.number}-{bundle.digest[:16]}")
    conditional = get_conditional_response(request, etag=response["ETag"], response=response)
    if not isinstance(conditional, HttpResponse):
        raise TypeError("a response was handed in, so one comes back")
    return conditional
