"""Looking through the log of what was signed: is it whole, and is there a license that isn't in it?

The log is a chain: each entry holds the hash of the one before. Whoever may write the database could write a whole new
chain; that shows only beside what was kept elsewhere, so `Head.text` is for writing down, and is given back as `kept`.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef

import keywright_license as kl
from keywright_license import TrustedKeys, zbase32
from keywright_license import keys as kl_keys
from keywright_portal.licensing.models import IssueLogEntry, IssueLogHead, LicenseFile, RootKey, SigningKey
from keywright_portal.licensing.services.issue import entry_hash

FIRST_HASH: Final = "0" * 64
CHUNK: Final = 500
"""Entries read at once: some megabytes of files."""


class Kind(StrEnum):
    """What can be wrong. The values are what the command and its JSON call it."""

    CUT = "cut"
    CHANGED = "changed"
    HEAD = "head"
    KEPT = "kept"
    NO_FILE = "no_file"
    OTHER_FILE = "other_file"
    NOT_LOGGED = "not_logged"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: `where` is an entry of the log or the id that a file carries."""

    kind: Kind
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the log: how many entries there are, and the last one's hash."""

    sequence: int
    hash: str

    @property
    def text(self) -> str:
        """As it is written down: `42:ab12…`."""
        return f"{self.sequence}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Raises ValueError."""
        sequence, _, digest = text.strip().partition(":")
        if not sequence.isascii() or not sequence.isdecimal() or len(digest) != len(FIRST_HASH):
            raise ValueError(text)
        return cls(sequence=int(sequence), hash=digest)


def head() -> Head:
    """The log's end as it stands."""
    row = IssueLogHead.objects.filter(pk=1).first()
    return Head(sequence=row.sequence, hash=row.hash) if row is not None else Head(sequence=0, hash=FIRST_HASH)


def own_keys() -> TrustedKeys:
    """Every key of this installation, revoked or not: what is read with them was signed here, whenever."""
    jwks = [*RootKey.objects.values_list("public_jwk", flat=True)]
    jwks += SigningKey.objects.filter(algorithm="RS512").values_list("public_jwk", flat=True)
    return TrustedKeys.from_public_keys([kl_keys.from_jwk(jwk) for jwk in jwks])


def audit_log(*, kept: Sequence[Head] = (), now: datetime) -> Iterator[Finding | int]:
    """What is wrong with the log and the files, in the log's order, then the files that no entry names.

    Between findings it tells how many entries it has looked at. `kept` are ends of the log that were written down
    before, elsewhere: an entry that should have that hash and hasn't shows that the log was written anew.
    """
    expected_hashes = {one.sequence: one.hash for one in kept}
    keys = own_keys()
    before, last = FIRST_HASH, 0
    while entries := list(IssueLogEntry.objects.filter(sequence__gt=last).order_by("sequence")[:CHUNK]):
        files = _files(entries)
        for entry in entries:
            yield from _check_chain(entry, before=before, last=last, expected=expected_hashes.get(entry.sequence))
            yield from _check_file(entry, files.get((entry.file_id, entry.format)), keys=keys, now=now)
            before, last = entry.hash, entry.sequence
        yield last
    end = head()
    if (end.sequence, end.hash) != (last, before):
        yield Finding(
            kind=Kind.HEAD,
            where=f"entry {end.sequence}",
            sentence=f"The log ends with entry {last}, and should end with entry {end.sequence}: its end was cut.",
        )
    for one in kept:
        if one.sequence > last:
            yield Finding(
                kind=Kind.KEPT,
                where=f"entry {one.sequence}",
                sentence=f"The log had {one.sequence} entries when its end was written down, and has {last} now.",
            )
    yield from _not_logged()


def check_files(contents: Sequence[tuple[str, bytes]], *, now: datetime) -> Iterator[Finding]:
    """Of license files that came from elsewhere (name, bytes): those that we didn't sign, and those that were signed
    with our keys and are in no log. The latter show that a key is in other hands.
    """
    keys = own_keys()
    for name, content in contents:
        try:
            said = kl.verify(content, keys=keys, product=None, now=now)
        except kl.LicenseError as error:
            yield Finding(kind=Kind.NOT_OURS, where=name, sentence=f"No key of ours signed it: {error.message}")
            continue
        if not zbase32.is_id(said.id) or not _is_logged(content, file_id=zbase32.decode(said.id), said=said):
            yield Finding(
                kind=Kind.NOT_LOGGED,
                where=name,
                sentence=f"License {said.id} for {said.organization.name} is genuine by its signature and was never "
                "logged: whoever signed it has the key. See docs/keys.md, “A key is compromised”.",
            )


def _is_logged(content: bytes, *, file_id: uuid.UUID, said: kl.License) -> bool:
    """By what it says, not by its bytes: a file may come with other line ends than it was signed with."""
    digests = IssueLogEntry.objects.filter(file_id=file_id, format=said.format.value).values_list("digest", flat=True)
    spellings = {content, content.replace(b"\r\n", b"\n"), content.replace(b"\r\n", b"\n").rstrip(b"\n")}
    spellings |= {spelling + b"\n" for spelling in spellings}
    if said.format is kl.Format.MATTERMOST:
        spellings.add(b"".join(content.split()))
    return not {hashlib.sha256(one).hexdigest() for one in spellings}.isdisjoint(digests)


def _files(entries: Sequence[IssueLogEntry]) -> dict[tuple[uuid.UUID, str], LicenseFile]:
    found = LicenseFile.objects.filter(file_id__in={entry.file_id for entry in entries})
    return {(file.file_id, file.format): file for file in found}


def _check_chain(entry: IssueLogEntry, *, before: str, last: int, expected: str | None) -> Iterator[Finding]:
    where = f"entry {entry.sequence}"
    if entry.sequence != last + 1:
        missing = f"entry {last + 1}" if entry.sequence == last + 2 else f"entries {last + 1} to {entry.sequence - 1}"
        yield Finding(kind=Kind.CUT, where=where, sentence=f"Before it, {missing} of the log is missing.")
    if entry.hash != entry_hash(entry):
        yield Finding(kind=Kind.CHANGED, where=where, sentence="It was changed: its hash isn’t that of what it says.")
    elif entry.sequence == last + 1 and entry.previous_hash != before:
        yield Finding(
            kind=Kind.CHANGED, where=where, sentence="The entry before it was changed, or this one was made anew."
        )
    if expected is not None and entry.hash != expected:
        yield Finding(
            kind=Kind.KEPT, where=where, sentence="It had another hash when the end of the log was written down."
        )


def _check_file(
    entry: IssueLogEntry, file: LicenseFile | None, *, keys: TrustedKeys, now: datetime
) -> Iterator[Finding]:
    where = zbase32.encode(entry.file_id)
    if file is None:
        yield Finding(kind=Kind.NO_FILE, where=where, sentence=f"Its {entry.format} file was signed and is gone.")
        return
    content = bytes(file.content)
    if hashlib.sha256(content).hexdigest() != entry.digest:
        yield Finding(
            kind=Kind.OTHER_FILE, where=where, sentence=f"Its {entry.format} file isn’t the one that was signed."
        )
    elif file.kid != entry.kid:
        yield Finding(
            kind=Kind.OTHER_FILE, where=where, sentence=f"Its {entry.format} file names another key than the log."
        )
    else:
        try:
            kl.verify(content, keys=keys, product=None, now=now)
        except kl.LicenseError as error:
            sentence = f"Its {entry.format} file doesn’t verify with the keys of this installation: {error.message}"
            yield Finding(kind=Kind.NOT_OURS, where=where, sentence=sentence)


def _not_logged() -> Iterator[Finding]:
    entries = IssueLogEntry.objects.filter(file_id=OuterRef("file_id"), format=OuterRef("format"))
    files = LicenseFile.objects.filter(~Exists(entries)).order_by("issued_at", "pk")
    for file_id, form, kid in files.values_list("file_id", "format", "kid").iterator():
        yield Finding(
            kind=Kind.NOT_LOGGED,
            where=zbase32.encode(file_id),
            sentence=f"Its {form} file, by the key {kid}, was never logged: it was put there by other hands.",
        )
