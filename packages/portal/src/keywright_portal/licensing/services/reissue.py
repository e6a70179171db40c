"""Issuing anew, with the key that signs now, every license that another key signed: after a compromise, in bulk.

It goes batch by batch, a transaction each: interrupted anywhere and begun again, it goes on where it was, since what is
done is no longer found. What a new file says is what the old one said, but for its id, its time and its signature.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

import keywright_license as kl
from keywright_license import TrustedKeys, zbase32
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.queue import enqueue
from keywright_portal.licensing.auditing import own_keys
from keywright_portal.licensing.errors import CannotSignError, KeyStateError, NotLoggedError, UnknownKeyError
from keywright_portal.licensing.issuing_keys import active_keys, choose_key
from keywright_portal.licensing.models import (
    IssueLogEntry,
    KeyState,
    License,
    LicenseFile,
    Reissue,
    SigningKey,
)
from keywright_portal.licensing.services.issue import ALGORITHM_OF_FORMAT, append_to_log, sign_file

BATCH: Final = 100
"""Licenses a transaction: large enough that its cost is shared, short enough (under a second) that buyers who wait for
the log's end, or for the write lock of SQLite, don't notice.
"""
TELL_TASK: Final = "keywright_portal.licensing.tasks.tell_of_reissue"
_GRACE: Final = timedelta(days=kl.GRACE_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A license that wasn't issued anew: its id, as its file says it, and why."""

    license_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """After a batch: licenses done in this run, those that were there to do when it began, and what that batch refused.

    Of these three `done` and `total` grow; the refused of each batch are told once.
    """

    done: int
    total: int
    refused: tuple[Refused, ...]


def begin_reissue(*, kid: str, because: str, tells: bool, actor: Actor, now: datetime) -> Reissue:
    """The row of the reissue of what `kid` signed; one that was begun before goes on as it was begun.

    Raises UnknownKeyError; KeyStateError while that key is the one that signs.
    """
    check_key(kid=kid)
    with transaction.atomic():
        row, is_new = Reissue.objects.get_or_create(
            kid=kid, defaults={"because": because, "tells": tells, "started_at": now}
        )
        if is_new:
            audit.record(
                actor=actor,
                action="reissue.begun",
                subject=row,
                subject_id=row.pk,
                organization_id=None,
                now=now,
                after={"kid": kid, "because": because},
            )
    return row


def check_key(*, kid: str) -> None:
    """Raises UnknownKeyError; KeyStateError while the key is the one that signs."""
    key = SigningKey.objects.filter(pk=kid).first()
    if key is None:
        raise UnknownKeyError(f"There is no signing key {kid} here. Those that there are: keywright keys list.")
    if key.state == KeyState.ACTIVE:
        raise KeyStateError(
            f"The key {kid} is the one that signs. Make its successor first: keywright keys rotate; then issue anew."
        )


def waiting_licenses(*, kid: str, now: datetime) -> QuerySet[License]:
    """Licenses with a file in force that the key signed, revoked ones and those whose grace is over apart."""
    files = LicenseFile.objects.filter(kid=kid, superseded_at=None, expires_at__gt=now - _GRACE)
    return License.objects.filter(pk__in=files.values("license_id"), revoked_at=None).order_by("pk")


def reissue(*, row: Reissue, actor: Actor, now: datetime) -> Iterator[Progress]:
    """Issue anew all that waits, a batch with each step; the caller may stop between two of them, or die at any point.

    Each format in force of a license is signed anew, under one new id, and takes the place of the one before. A file
    that isn't in the log as it is may be forged: it gets no sound signature, and is told as refused, as is one that the
    key that signs now may not sign. Raises NoSigningKeyError; what was done before stands.
    """
    total, done, refused, last = waiting_licenses(kid=row.kid, now=now).count(), 0, 0, None
    trusted = own_keys()
    while True:
        waiting = waiting_licenses(kid=row.kid, now=now).values_list("pk", flat=True)
        batch = list((waiting if last is None else waiting.filter(pk__gt=last))[:BATCH])
        if not batch:
            break
        last = batch[-1]
        count, left = _reissue_batch(batch, row=row, trusted=trusted, actor=actor, now=now)
        done, refused = done + count, refused + len(left)
        yield Progress(done=done, total=max(total, done), refused=left)
    if not refused:
        _finish(row, done=done, actor=actor, now=now)


@transaction.atomic
def _finish(row: Reissue, *, done: int, actor: Actor, now: datetime) -> None:
    Reissue.objects.filter(pk=row.pk).update(finished_at=now)
    audit.record(
        actor=actor,
        action="reissue.finished",
        subject=row,
        subject_id=row.pk,
        organization_id=None,
        now=now,
        after={"kid": row.kid, "licenses": done},
    )


@transaction.atomic
def _reissue_batch(
    pks: Sequence[uuid.UUID], *, row: Reissue, trusted: TrustedKeys, actor: Actor, now: datetime
) -> tuple[int, tuple[Refused, ...]]:
    """How many were issued anew, and which were refused. One that somebody else did meanwhile is left as it is."""
    locked = License.objects.select_for_update(of=("self",)).filter(pk__in=pks, revoked_at=None).order_by("pk")
    licenses = {one.pk: one for one in locked.select_related("term__subscription__product")}
    in_force = LicenseFile.objects.filter(license__in=licenses, superseded_at=None).order_by("license_id", "position")
    by_license = {pk: list(files) for pk, files in groupby(in_force, key=lambda file: file.license_id)}
    logged = _logged(in_force)
    keys = active_keys()
    refused, made = [], {}
    for pk, files in by_license.items():
        if all(file.kid != row.kid for file in files):
            continue
        product = licenses[pk].term.subscription.product.code
        try:
            _check_logged(files, logged=logged)
            made[pk] = _sign_anew(files, product=product, keys=keys, row=row, trusted=trusted, now=now)
        except (NotLoggedError, CannotSignError) as error:
            refused.append(Refused(license_id=zbase32.encode(files[0].file_id), reason=str(error.message)))
        except kl.LicenseError as error:
            refused.append(Refused(license_id=zbase32.encode(files[0].file_id), reason=error.message))
    new_files = [file for files in made.values() for file in files]
    LicenseFile.objects.filter(license__in=made, superseded_at=None).update(superseded_at=now)
    LicenseFile.objects.bulk_create(new_files)
    append_to_log(new_files, now=now)
    with audit.written_together():
        for pk, files in made.items():
            audit.record(
                actor=actor,
                action="license.reissued",
                subject="License",
                subject_id=pk,
                organization_id=licenses[pk].organization_id,
                now=now,
                before={"file": str(by_license[pk][0].file_id), "kid": row.kid},
                after={"file": str(files[0].file_id), "reissue": str(row.pk)},
            )
    Reissue.objects.filter(pk=row.pk).update(licenses=F("licenses") + len(made), finished_at=None)
    if row.tells and made:
        enqueue(TELL_TASK, str(row.pk), sorted({str(licenses[pk].organization_id) for pk in made}))
    return len(made), tuple(refused)


def _sign_anew(
    files: Sequence[LicenseFile],
    *,
    product: str,
    keys: Sequence[SigningKey],
    row: Reissue,
    trusted: TrustedKeys,
    now: datetime,
) -> list[LicenseFile]:
    """The files of one license, under one new id. The grant's id is made of the reissue and the file before: a second
    run that overtook the first would be stopped by the database.
    """
    file_id, before = uuid7(), files[0].file_id
    made = []
    for file in files:
        key = choose_key(keys, product=product, algorithm=ALGORITHM_OF_FORMAT[kl.Format(file.format)], now=now)
        said = kl.verify(bytes(file.content), keys=trusted, product=product, now=now)
        claims = replace(
            said,
            id=zbase32.encode(file_id),
            issued_at=now.replace(microsecond=0),
            supersedes=zbase32.encode(before) if said.format is kl.Format.KEYWRIGHT else None,
        )
        made.append(
            LicenseFile(
                license_id=file.license_id,
                grant_id=uuid.uuid5(row.pk, str(before)),
                file_id=file_id,
                format=file.format,
                position=file.position,
                name=file.name,
                kid=key.kid,
                content=sign_file(claims, key=key),
                seats=file.seats,
                issued_at=now,
                expires_at=file.expires_at,
            )
        )
    return made


def _logged(files: QuerySet[LicenseFile]) -> Mapping[tuple[uuid.UUID, str], set[str]]:
    """What the log says of the files: digests by id and format."""
    logged: Mapping[tuple[uuid.UUID, str], set[str]] = defaultdict(set)
    entries = IssueLogEntry.objects.filter(file_id__in={file.file_id for file in files})
    for file_id, form, digest in entries.values_list("file_id", "format", "digest"):
        logged[file_id, form].add(digest)
    return logged


def _check_logged(files: Sequence[LicenseFile], *, logged: Mapping[tuple[uuid.UUID, str], set[str]]) -> None:
    for file in files:
        if hashlib.sha256(bytes(file.content)).hexdigest() not in logged[file.file_id, file.format]:
            raise NotLoggedError(
                f"Its {file.format} file isn’t in the log of what was signed, and may be forged. See what else is "
                "wrong: keywright license audit."
            )
