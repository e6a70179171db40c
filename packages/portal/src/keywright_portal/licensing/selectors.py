"""Reading licenses, always for an actor; and the public keys, which are for everybody."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from keywright_license import zbase32
from keywright_portal.domain.term import EXPIRY_MARGIN
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.prepared import PreparedModels, PreparedQuery
from keywright_portal.licensing.errors import LicenseRevokedError
from keywright_portal.licensing.models import (
    BundleSeries,
    KeyState,
    LicenseFile,
    RevocationBundle,
    RootKey,
    SigningKey,
)

KEPT_LENGTHS: Final = 64
"""Prepared queries kept, one a number of terms: more than a page of any list holds."""


def license_file_for(*, actor: Actor, file_id: uuid.UUID) -> LicenseFile:
    """One file in force, with its bytes. Another organization's is not found, nor is one that was superseded.

    Raises LicenseRevokedError for a file of a license whose money went back.
    """
    actor.require(Permission.LICENSE_DOWNLOAD)
    found = _FILE(file_id, actor.own_organization_id)
    if not found:
        raise NotFoundError(_("There is no such license here. Your licenses are listed under Subscriptions."))
    file = found[0]
    if file.license.revoked_at is not None:
        raise LicenseRevokedError
    return file


def organization_with(*, user_id: uuid.UUID, license_id: str) -> str | None:
    """The slug of the user's organization that has the license of this id, as a System Console names it.

    None: no such license, or another organization's, which aren't told apart. Superseded files count: a server may not
    have the newest yet.
    """
    try:
        file_id = zbase32.decode(license_id)
    except ValueError:
        return None
    mine = LicenseFile.objects.filter(file_id=file_id, license__organization__memberships__user_id=user_id)
    return mine.values_list("license__organization__slug", flat=True).first()


def _file(file_id: uuid.UUID, organization_id: uuid.UUID) -> QuerySet[LicenseFile]:
    return LicenseFile.objects.filter(pk=file_id, license__organization_id=organization_id, superseded_at=None)


_FILE: Final = PreparedModels(_file, uuid.UUID, uuid.UUID, follow=("license",))


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file in force, as a list names it: without its bytes.

    `last_day` is the last good one: before the term's where the file runs until its invoice is paid. The files of a
    revoked license are listed and not handed out.
    """

    pk: uuid.UUID
    name: str
    format: str
    last_day: date
    is_revoked: bool


def listed_files_for(*, actor: Actor, term_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ListedFile]]:
    """The files in force of some terms, the product's first format first. One query, which is prepared."""
    actor.require(Permission.READ)
    by_term: dict[uuid.UUID, list[ListedFile]] = {}
    if term_ids:
        for term_id, pk, name, form, expires_at, revoked_at in _files_query(len(term_ids))(
            actor.own_organization_id, *term_ids
        ):
            file = ListedFile(pk, name, form, last_day_of(expires_at), revoked_at is not None)
            by_term.setdefault(term_id, []).append(file)
    return by_term


def last_day_of(expires_at: datetime) -> date:
    """The last good day of a file that expires then, without the margin that every license has."""
    return (expires_at - EXPIRY_MARGIN - timedelta(days=1)).date()


@lru_cache(maxsize=KEPT_LENGTHS)
def _files_query(count: int) -> PreparedQuery:
    def build(organization_id: uuid.UUID, *term_ids: uuid.UUID) -> QuerySet[Any, tuple[Any, ...]]:
        files = LicenseFile.objects.filter(
            license__term_id__in=term_ids, license__organization_id=organization_id, superseded_at=None
        )
        return files.order_by("position").values_list(
            "license__term_id", "pk", "name", "format", "expires_at", "license__revoked_at"
        )

    return PreparedQuery(build, uuid.UUID, *[uuid.UUID] * count)


def trusted_keys_jwks() -> str:
    """The JWK set that a product pins: the roots, and the keys of formats that know no certificate (RSA).

    A key that waits is among them: products must know an RSA key before it signs.
    """
    roots = RootKey.objects.filter(revoked_at=None).order_by("created_at", "pk")
    jwks = [{**root.public_jwk, "kid": root.kid, "use": "sig"} for root in roots]
    jwks += [
        {**key.public_jwk, "kid": key.kid, "use": "sig", "alg": "RS512"}
        for key in SigningKey.objects.filter(algorithm="RS512")
        .exclude(state=KeyState.REVOKED)
        .order_by("created_at", "pk")
    ]
    return json.dumps({"keys": jwks}, indent=2)


def newest_bundle(*, product: str, series: BundleSeries) -> RevocationBundle | None:
    """The newest bundle of a series that is for the product, or for all. It is for everybody who asks."""
    return RevocationBundle.objects.filter(series=series, product__in=("", product)).order_by("-number").first()


def root_bundle_draft(*, issuer: str) -> dict[str, object]:
    """What a root is to sign so that products refuse every key that was revoked here: claims, as `keywright-license
    bundle sign` takes them. It names no licenses: the portal's own bundles do.
    """
    newest = RevocationBundle.objects.filter(series=BundleSeries.ROOT).aggregate(number=Max("number"))["number"] or 0
    revoked = SigningKey.objects.filter(state=KeyState.REVOKED).order_by("revoked_at", "pk")
    roots = RootKey.objects.exclude(revoked_at=None).order_by("revoked_at", "pk")
    keys = [*revoked.values_list("kid", "revoked_at"), *roots.values_list("kid", "revoked_at")]
    return {
        "iss": issuer,
        "seq": newest + 1,
        "licenses": [],
        "keys": [{"kid": kid, "at": int(at.timestamp())} for kid, at in keys if at is not None],
    }
