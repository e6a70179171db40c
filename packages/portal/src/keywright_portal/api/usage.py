"""What servers counted, as they send it. The signature proves which server it is; nobody is signed in."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from ninja import Router

from keywright_portal.api import deployment_schemas as schemas
from keywright_portal.api.activations import DEPLOYMENT
from keywright_portal.api.limits import Limit, count_request
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.record_usage import record_usage

router = Router(tags=["deployments"])
REPORTS: Final = Limit("usage", 60, 60)
"""A server sends one a day, and may catch up."""


@router.post(
    "/usage",
    response={200: schemas.Recorded, **schemas.PROBLEMS},
    operation_id="usage",
    summary="Send usage reports",
)
def post_usage(request: HttpRequest, asked: schemas.Usage) -> schemas.Recorded:
    """Keep the reports, all or none. They may come late, again and in any order: each counts once."""
    now = clock.now()
    count_request(limit=REPORTS, request=request, now=now)
    done = record_usage(reports=asked.reports.encode(), actor=system(DEPLOYMENT), now=now)
    return schemas.Recorded(
        received=done.received,
        already_known=done.already_known,
        newest_seq=done.chain.newest_seq,
        missing=list(done.chain.missing),
        forked=done.chain.is_forked,
    )
