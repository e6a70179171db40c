"""Issuing a license: the place where a license gets signed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.text import slugify

import keywright_license as kl
from keywright_license import zbase32
from keywright_license.errors import SigningError
from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import AddOn, Plan, Product
from keywright_portal.domain.term import EXPIRY_MARGIN
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.insert import insert
from keywright_portal.licensing.errors import CannotSignError, LicenseRevokedError
from keywright_portal.licensing.issuing_keys import active_keys, choose_key
from keywright_portal.licensing.models import IssueLogEntry, IssueLogHead, License, LicenseFile, SigningKey
from keywright_portal.licensing.signing import signer
from keywright_portal.subscriptions.models import Term

ALGORITHM_OF_FORMAT: Final = {kl.Format.KEYWRIGHT: "Ed25519", kl.Format.MATTERMOST: "RS512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is to be licensed. `id` is the caller's own: however often it is asked for, one file a format is signed.

    `role_email` is an address of the organization's, never a person's. `runs_until`, midnight UTC, is the end of the
    day with which the files stop before the term does: what is handed out before its invoice is paid.
    """

    id: uuid.UUID
    term: Term
    organization: Organization
    product: Product
    plan: Plan
    add_ons: Sequence[AddOn]
    role_email: str
    issuer: str
    runs_until: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        """The term's end, or `runs_until` where that is sooner, with the margin that every license has."""
        if self.runs_until is None:
            return self.term.span.license_expires_at
        return min(self.runs_until + EXPIRY_MARGIN, self.term.span.license_expires_at)


def issue_license(*, grant: Grant, actor: Actor, now: datetime) -> tuple[LicenseFile, ...]:
    """Sign the grant in each format of its product and log it. The files, in the order of the product's formats.

    Runs in the caller's transaction. The term's first grant makes its License; a later grant (another `id`) supersedes
    the files in force. A grant that was issued before is returned as it is, nothing signed.

    Raises NoSigningKeyError where a format has no active key, LicenseRevokedError where the license was revoked,
    CannotSignError.
    """
    # Not get_or_create, which asks four times; a license that is there makes this no conflict.
    License.objects.bulk_create(
        [License(term=grant.term, organization=grant.organization, created_at=now)], ignore_conflicts=True
    )
    # Grants of one term stand in a line, so that each names the one that it supersedes.
    row = License.objects.select_for_update().order_by("pk").get(term=grant.term)
    signed = list(row.files.defer("content"))
    issued = tuple(file for file in signed if file.grant_id == grant.id)
    if issued:
        return issued
    if row.revoked_at is not None:
        raise LicenseRevokedError
    before = next((file for file in signed if file.superseded_at is None), None)
    if before is not None:
        LicenseFile.objects.filter(license=row, superseded_at=None).update(superseded_at=now)
    file_id = uuid7()
    claims = _claims(grant, file_id=file_id, supersedes=before.file_id if before else None, now=now)
    keys = active_keys()
    files = tuple(
        _sign(grant, row, claims=claims, file_id=file_id, form=kl.Format(name), position=position, keys=keys, now=now)
        for position, name in enumerate(grant.product.formats)
    )
    insert(*files)
    append_to_log(files, now=now)
    audit.record(
        actor=actor,
        action="license.issued",
        subject=row,
        subject_id=row.pk,
        organization_id=grant.organization.pk,
        now=now,
        before={"file": str(before.file_id), "seats": before.seats} if before else None,
        after={"file": str(file_id), "seats": grant.term.seats, "formats": list(grant.product.formats)},
    )
    return files


def _claims(grant: Grant, *, file_id: uuid.UUID, supersedes: uuid.UUID | None, now: datetime) -> kl.License:
    term = grant.term
    return kl.License(
        id=zbase32.encode(file_id),
        issuer=grant.issuer,
        product=grant.product.code,
        subscription=zbase32.encode(term.subscription_id),
        issued_at=now.replace(microsecond=0),
        starts_at=term.starts_at,
        expires_at=grant.expires_at,
        plan=grant.plan.code,
        plan_name=grant.plan.name,
        seats=term.seats,
        features=frozenset(grant.plan.features),
        deployments=kl.Deployments(
            production=1, non_production=sum(add_on.non_production_deployments for add_on in grant.add_ons)
        ),
        organization=kl.Organization(
            id=zbase32.encode(grant.organization.pk), name=grant.organization.name, email=grant.role_email
        ),
        supersedes=zbase32.encode(supersedes) if supersedes else None,
    )


def _sign(
    grant: Grant,
    row: License,
    *,
    claims: kl.License,
    file_id: uuid.UUID,
    form: kl.Format,
    position: int,
    keys: Sequence[SigningKey],
    now: datetime,
) -> LicenseFile:
    key = choose_key(keys, product=claims.product, algorithm=ALGORITHM_OF_FORMAT[form], now=now)
    claims = replace(claims, format=form)
    content = sign_file(claims, key=key)
    return LicenseFile(
        license=row,
        grant_id=grant.id,
        file_id=file_id,
        format=form.value,
        position=position,
        name=f"{slugify(grant.organization.name)[:40] or 'license'}-{grant.plan.code.lower()}-{now.year}{form.suffix}",
        kid=key.kid,
        content=content,
        seats=grant.term.seats,
        issued_at=now,
        expires_at=claims.expires_at,
    )


def sign_file(claims: kl.License, *, key: SigningKey) -> bytes:
    """The bytes of a file in the format of `claims`, signed by `key`; nothing is stored.

    Raises CannotSignError where the key's certificate doesn't cover the license, or the format has no way to say it.
    """
    try:
        if claims.format is kl.Format.KEYWRIGHT:
            return kl.sign_keywright(claims, signer=signer(), kid=key.kid, certificate=key.certificate)
        return kl.sign_mattermost(claims, signer=signer(), kid=key.kid)
    except SigningError as error:
        raise CannotSignError(f"This license can’t be signed: {error.message}") from error


def append_to_log(files: Sequence[LicenseFile], *, now: datetime) -> None:
    """Append what was signed, each row hashed over the one before, under the lock of the log's end, which the caller's
    transaction then holds.
    """
    ends = IssueLogHead.objects.select_for_update().filter(pk=1).order_by("pk")
    head = ends.first()
    if head is None:
        IssueLogHead.objects.bulk_create([IssueLogHead(pk=1)], ignore_conflicts=True)
        head = ends.get()
    entries = []
    for file in files:
        digest = hashlib.sha256(file.content).hexdigest()
        entry = IssueLogEntry(
            sequence=head.sequence + 1,
            file_id=file.file_id,
            format=file.format,
            kid=file.kid,
            digest=digest,
            previous_hash=head.hash,
            at=now,
        )
        entry.hash = entry_hash(entry)
        entries.append(entry)
        head.sequence, head.hash = entry.sequence, entry.hash
    insert(*entries)
    head.save(force_update=True)


def entry_hash(entry: IssueLogEntry) -> str:
    """SHA-256, in hexadecimal, over the entry's facts and the hash of the one before."""
    facts = (
        entry.sequence,
        entry.file_id,
        entry.format,
        entry.kid,
        entry.digest,
        entry.previous_hash,
        entry.at.isoformat(),
    )
    return hashlib.sha256("\n".join(str(fact) for fact in facts).encode()).hexdigest()
