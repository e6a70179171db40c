"""Looking through the log of what was signed."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import replace

import pytest

import keywright_license as kl
from keywright_license import KeySigner, TrustedKeys, keys, verify, zbase32
from keywright_portal.licensing import auditing
from keywright_portal.licensing.auditing import FIRST_HASH, Finding, Head, audit_log, check_files, head
from keywright_portal.licensing.models import IssueLogEntry, IssueLogHead, LicenseFile, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.issue import entry_hash
from keywright_portal.licensing.signing import signer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


def findings(now, *, kept=()):
    return [(one.kind.value, one.where) for one in audit_log(kept=kept, now=now) if isinstance(one, Finding)]


@pytest.fixture
def log(issue, make_term, now):
    """Three licenses in two formats: six entries."""
    for _ in range(3):
        issue(make_term())
    assert findings(now) == []
    return IssueLogEntry.objects


def where(sequence):
    return zbase32.encode(IssueLogEntry.objects.get(sequence=sequence).file_id)


def written_anew():
    """The chain as one who may write the database would mend it."""
    before = FIRST_HASH
    for number, entry in enumerate(IssueLogEntry.objects.order_by("sequence"), start=1):
        IssueLogEntry.objects.filter(pk=entry.pk).delete()
        entry.sequence, entry.previous_hash = number, before
        entry.hash = before = entry_hash(entry)
        entry.save(force_insert=True)
    IssueLogHead.objects.update(sequence=number, hash=before)


def test_a_whole_log_has_nothing_to_tell_and_an_empty_one_neither(now):
    assert findings(now) == []
    assert head() == Head(sequence=0, hash=FIRST_HASH)


def test_it_tells_how_far_it_is(log, now, monkeypatch):
    monkeypatch.setattr(auditing, "CHUNK", 4)
    assert list(audit_log(now=now)) == [4, 6]


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (lambda log: log.filter(sequence=3).update(at="2026-01-01T00:00:00Z"), [("changed", "entry 3")]),
        (lambda log: log.filter(sequence=3).update(hash="f" * 64), [("changed", "entry 3"), ("changed", "entry 4")]),
        (lambda log: log.filter(sequence=6).delete(), [("head", "entry 6"), ("not_logged", None)]),
        (lambda log: log.filter(sequence=1).delete(), [("cut", "entry 2"), ("not_logged", None)]),
        (lambda log: log.filter(sequence__in=[2, 3]).delete(), [("cut", "entry 4"), *[("not_logged", None)] * 2]),
        (lambda log: log.all().delete(), [("head", "entry 6"), *[("not_logged", None)] * 6]),
        (lambda _log: IssueLogHead.objects.all().delete(), [("head", "entry 0")]),
    ],
    ids=["time", "hash", "end", "beginning", "inside", "all", "head"],
)
def test_a_cut_and_a_change_are_found(log, change, kinds, now):
    change(log)
    assert [(kind, place if kind != "not_logged" else None) for kind, place in findings(now)] == kinds


def test_a_file_that_is_gone_or_another_is_found(log, now):
    gone, other, renamed = (where(number) for number in (1, 3, 5))
    LicenseFile.objects.filter(file_id=zbase32.decode(gone), format="keywright").delete()
    LicenseFile.objects.filter(file_id=zbase32.decode(other), format="keywright").update(content=b"x")
    LicenseFile.objects.filter(file_id=zbase32.decode(renamed), format="keywright").update(kid="another")
    assert findings(now) == [("no_file", gone), ("other_file", other), ("other_file", renamed)]


def test_a_license_that_was_never_logged_is_found(log, issue, make_term, now):
    files = issue(make_term())
    sequence = IssueLogEntry.objects.get(file_id=files[0].file_id, format="keywright").sequence
    before = IssueLogEntry.objects.get(sequence=sequence - 1)
    IssueLogEntry.objects.filter(sequence__gte=sequence).delete()
    IssueLogHead.objects.update(sequence=before.sequence, hash=before.hash)
    assert findings(now) == [("not_logged", zbase32.encode(files[0].file_id))] * 2


def test_a_file_by_a_key_of_others_is_found_even_if_it_was_logged(log, now):
    file = LicenseFile.objects.filter(format="keywright").first()
    stranger = keys.generate_ed25519()
    kid = keys.thumbprint(stranger.public_key())
    said = verify(bytes(file.content), keys=TrustedKeys.from_jwks(trusted_keys_jwks()), now=now)
    certificate = kl.create_certificate(
        root_signer=KeySigner(stranger),
        root_kid=kid,
        key=stranger.public_key(),
        product=None,
        valid_from=now,
        valid_until=said.expires_at,
        now=now,
    )
    forged = kl.sign_keywright(said, signer=KeySigner(stranger), kid=kid, certificate=certificate)
    LicenseFile.objects.filter(pk=file.pk).update(content=forged)
    IssueLogEntry.objects.filter(file_id=file.file_id, format="keywright").update(
        digest=hashlib.sha256(forged).hexdigest()
    )
    written_anew()
    assert findings(now) == [("not_ours", zbase32.encode(file.file_id))]


def test_a_chain_that_was_written_anew_shows_beside_what_was_written_down(log, issue, make_term, now):
    noted = head()
    issue(make_term())
    assert findings(now, kept=[noted, Head.parse(noted.text)]) == []
    taken_out = zbase32.decode(where(3))
    for model in (IssueLogEntry, LicenseFile):
        model.objects.filter(file_id=taken_out).delete()
    written_anew()
    assert findings(now) == []
    assert findings(now, kept=[noted]) == [("kept", "entry 6")]
    assert findings(now, kept=[Head(sequence=9, hash="0" * 64)]) == [("kept", "entry 9")]


@pytest.mark.parametrize("text", ["", "6", "x:" + "0" * 64, "6:abc", "-1:" + "0" * 64])
def test_what_is_no_end_of_a_log_is_not_read(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        Head.parse(text)


# ---- Files from elsewhere --------------------------------------------------------------------------------------------


@pytest.fixture
def look(now):
    return lambda content: [(one.kind.value, one.where) for one in check_files([("a file", content)], now=now)]


def test_files_that_were_signed_here_are_known_however_mail_changed_their_line_ends(log, look):
    for file in LicenseFile.objects.all():
        content = bytes(file.content)
        for spelling in (content, content.rstrip(b"\n"), content.replace(b"\n", b"\r\n")):
            assert look(spelling) == [], file.format


def test_a_file_that_was_signed_with_our_key_and_never_logged_is_told(log, look, now):
    for file in LicenseFile.objects.all()[:2]:
        said = verify(bytes(file.content), keys=TrustedKeys.from_jwks(trusted_keys_jwks()), now=now)
        taken = replace(said, id=zbase32.encode(uuid.uuid4()), seats=9_999)
        row = SigningKey.objects.get(pk=file.kid)
        sign = kl.sign_keywright if row.certificate else kl.sign_mattermost
        more = {"certificate": row.certificate} if row.certificate else {}
        assert look(sign(taken, signer=signer(), kid=file.kid, **more)) == [("not_logged", "a file")]
        same_id = sign(replace(said, seats=9_999), signer=signer(), kid=file.kid, **more)
        assert look(same_id) == [("not_logged", "a file")]


@pytest.mark.parametrize("content", [b"", b"x", b"a.b.c\nd.e.f", b"\x00\xff"])
def test_a_file_that_no_key_of_ours_signed_is_told(log, look, content):
    assert look(content) == [("not_ours", "a file")]
