from __future__ import annotations

import hashlib
import uuid

import pytest
from django.db import IntegrityError, transaction

import keywright_license as kl
from keywright_license import TrustedKeys, verify, zbase32
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.errors import NoSigningKeyError
from keywright_portal.licensing.models import IssueLogEntry, IssueLogHead, License, LicenseFile, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services import issue as issuing
from keywright_portal.licensing.services.issue import entry_hash
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_row_locks, without_uniqueness

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]

LICENSES = 300
"""One Mattermost signature in 256 has the byte that trips naive decoders: 300 meet it more likely than not."""


def in_force():
    return LicenseFile.objects.filter(superseded_at=None)


# ---- One grant -------------------------------------------------------------------------------------------------------


def test_each_format_of_the_product_is_signed_under_one_id(issue, now):
    files = issue()
    assert [(file.format, file.position) for file in files] == [("keywright", 0), ("mattermost", 1)]
    assert len({file.file_id for file in files}) == 1
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    for file in files:
        license_ = verify(bytes(file.content), keys=keys, now=now)
        assert (license_.id, license_.seats) == (zbase32.encode(file.file_id), 200)


def test_the_same_grant_again_gives_the_same_files_and_signs_nothing(issue, make_term):
    term, grant_id = make_term(), uuid.uuid4()
    first = issue(term, grant_id=grant_id)
    log = IssueLogEntry.objects.count()
    again = issue(term, grant_id=grant_id, seats=999)
    assert [file.pk for file in again] == [file.pk for file in first]
    assert [bytes(file.content) for file in again] == [file.content for file in first]
    assert (LicenseFile.objects.count(), IssueLogEntry.objects.count()) == (2, log)


def test_a_second_grant_takes_the_place_of_the_first(issue, make_term, now):
    term = make_term()
    first, second = issue(term), issue(term, seats=250)
    assert set(in_force()) == set(second)
    assert {file.superseded_at for file in LicenseFile.objects.filter(grant_id=first[0].grant_id)} == {now}
    license_ = verify(bytes(second[0].content), keys=TrustedKeys.from_jwks(trusted_keys_jwks()), now=now)
    assert (license_.supersedes, license_.seats) == (zbase32.encode(first[0].file_id), 250)
    assert License.objects.count() == 1
    entry = AuditEntry.objects.filter(action="license.issued").last()
    assert entry.before == {"file": str(first[0].file_id), "seats": 200}


def test_the_database_lets_one_file_of_a_format_be_in_force(issue, make_term):
    term = make_term()
    first, _second = issue(term), issue(term)
    with pytest.raises(IntegrityError), transaction.atomic():
        LicenseFile.objects.filter(pk=first[0].pk).update(superseded_at=None)


def test_the_database_lets_one_file_a_format_come_of_a_grant(issue):
    (file, _field) = issue()
    file.pk, file.superseded_at = uuid.uuid4(), file.issued_at
    with pytest.raises(IntegrityError), transaction.atomic():
        file.save(force_insert=True)


def test_without_an_active_key_nothing_is_issued(issue):
    SigningKey.objects.filter(algorithm="RS512").update(state="retired")
    with pytest.raises(NoSigningKeyError) as refused, transaction.atomic():
        issue()
    assert "keywright keys create" in str(refused.value.message)
    assert (License.objects.count(), LicenseFile.objects.count(), IssueLogEntry.objects.count()) == (0, 0, 0)


def test_the_name_of_a_file_is_safe_whatever_the_organization_is_called(issue, make_term, new_buyer):
    for number, name in enumerate(("../../etc/passwd", "株式会社", "A" * 120, 'x"; rm -rf /')):
        by = new_buyer(f"Buyer {number}")
        by.organization.name = name
        for file in issue(make_term(organization=by.organization)):
            assert file.name.replace(".", "").replace("-", "").isalnum()
            assert file.name.isascii()
            assert len(file.name) < 80


def test_hundreds_of_licenses_in_the_field_format_are_all_accepted(issue, make_term, now):
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    term, ids = make_term(), set()
    for seats in range(1, LICENSES + 1):
        field = issue(term, seats=seats)[1]
        license_ = verify(bytes(field.content), keys=keys, now=now)
        assert (license_.format, license_.seats) == (kl.Format.MATTERMOST, seats)
        ids.add(license_.id)
    assert len(ids) == LICENSES


# ---- The log ---------------------------------------------------------------------------------------------------------


def first_break():
    """The sequence at which the log doesn't hold, or None: recomputed from the rows and the files alone."""
    hash_before, expected = "0" * 64, 1
    for entry in IssueLogEntry.objects.order_by("sequence"):
        file = LicenseFile.objects.filter(file_id=entry.file_id, format=entry.format).first()
        sound = (
            entry.sequence == expected
            and entry.previous_hash == hash_before
            and entry.hash == entry_hash(entry)
            and file is not None
            and entry.digest == hashlib.sha256(bytes(file.content)).hexdigest()
        )
        if not sound:
            return expected
        hash_before, expected = entry.hash, expected + 1
    head = IssueLogHead.objects.get()
    return None if (head.sequence, head.hash) == (expected - 1, hash_before) else expected


@pytest.fixture
def log(issue, make_term):
    for _ in range(3):
        issue(make_term())
    assert first_break() is None
    return IssueLogEntry.objects


def test_every_file_is_in_the_log_in_the_order_of_signing(log):
    assert [entry.sequence for entry in log.order_by("sequence")] == [1, 2, 3, 4, 5, 6]
    assert {(entry.file_id, entry.format) for entry in log.all()} == {
        (file.file_id, file.format) for file in LicenseFile.objects.all()
    }


@pytest.mark.parametrize(
    ("change", "shows_at"),
    [
        (lambda log: log.filter(sequence=3).update(kid="another"), 3),
        (lambda log: log.filter(sequence=3).update(digest="0" * 64), 3),
        (lambda log: log.filter(sequence=3).update(file_id=uuid.uuid4()), 3),
        (lambda log: log.filter(sequence=3).update(at="2026-01-01T00:00:00Z"), 3),
        (lambda log: log.filter(sequence=3).update(hash="f" * 64), 3),
        (lambda log: log.filter(sequence=3).delete(), 3),
        (lambda log: log.filter(sequence=1).delete(), 1),
        (lambda log: log.filter(sequence=6).delete(), 6),
        (lambda log: log.all().delete(), 1),
        (lambda log: LicenseFile.objects.filter(file_id=log.get(sequence=5).file_id).update(content=b"x"), 5),
    ],
    ids=["kid", "digest", "file", "time", "hash", "cut inside", "cut front", "cut end", "emptied", "another file"],
)
def test_a_change_or_a_cut_shows(log, change, shows_at):
    change(log)
    assert first_break() == shows_at


def test_an_entry_that_was_changed_and_hashed_anew_shows_at_the_next(log):
    entry = log.get(sequence=3)
    entry.kid = "another"
    entry.hash = entry_hash(entry)
    entry.save()
    assert first_break() == 4


# ---- At the same moment ----------------------------------------------------------------------------------------------


def committed(call):
    """In a transaction of its own, as fulfilment does."""

    def run():
        with transaction.atomic():
            return call()

    return run


@pytest.mark.django_db(transaction=True)
def test_licenses_issued_at_once_make_one_log_without_fork_or_gap(issue, make_term):
    for number in range(1, ROUNDS + 1):
        terms = [make_term() for _ in range(AT_ONCE)]
        at_once([committed(lambda term=term: issue(term)) for term in terms])
        assert first_break() is None
        assert IssueLogEntry.objects.count() == 2 * AT_ONCE * number


@pytest.mark.django_db(transaction=True)
def test_one_grant_at_once_is_signed_once_and_all_are_given_the_same(issue, make_term):
    for number in range(1, ROUNDS + 1):
        term, grant_id = make_term(), uuid.uuid4()
        outcomes = at_once([committed(lambda term=term, grant_id=grant_id: issue(term, grant_id=grant_id))] * AT_ONCE)
        assert len({tuple(file.pk for file in files) for files in outcomes}) == 1
        assert (LicenseFile.objects.count(), License.objects.count()) == (2 * number, number)


@pytest.mark.django_db(transaction=True)
def test_grants_of_one_term_at_once_each_name_the_one_before(issue, make_term, now):
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    for _ in range(ROUNDS):
        term = make_term()
        at_once([committed(lambda term=term: issue(term))] * AT_ONCE)
        files = LicenseFile.objects.filter(license__term=term, format="keywright")
        told = [verify(bytes(file.content), keys=keys, now=now) for file in files]
        before = [license_.supersedes for license_ in told]
        (last,) = files.filter(superseded_at=None)
        assert before.count(None) == 1
        assert set(before) - {None} == {license_.id for license_ in told} - {zbase32.encode(last.file_id)}


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_log_forks(issue, make_term, monkeypatch):
    committed(lambda: issue(make_term()))()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(issuing, "entry_hash", meeting(issuing.entry_hash, of=2))
    terms = [make_term(), make_term()]
    with without_uniqueness((IssueLogEntry, "sequence"), (IssueLogEntry, "hash")):
        at_once([committed(lambda term=term: issue(term)) for term in terms])
        assert [entry.sequence for entry in IssueLogEntry.objects.order_by("sequence")] == [1, 2, 3, 3, 4, 4]


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_lock_and_constraints_two_files_are_in_force(issue, make_term, monkeypatch):
    term = make_term()
    committed(lambda: issue(term))()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(issuing, "_claims", meeting(issuing._claims, of=2))
    with without_uniqueness(
        (LicenseFile, "license_id"), (IssueLogEntry, "sequence"), (IssueLogEntry, "hash"), (IssueLogHead, "id")
    ):
        at_once([committed(lambda: issue(term))] * 2)
        assert in_force().filter(format="keywright").count() > 1
