"""Issuing everything anew with another key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django_q.models import OrmQ
from test_audit import findings

from keywright_license import TrustedKeys, verify, zbase32
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.errors import KeyStateError, NoSigningKeyError, UnknownKeyError
from keywright_portal.licensing.models import IssueLogEntry, IssueLogHead, License, LicenseFile, Reissue, SigningKey
from keywright_portal.licensing.selectors import license_file_for, trusted_keys_jwks
from keywright_portal.licensing.services import reissue as reissuing
from keywright_portal.licensing.services.activate_key import activate_key
from keywright_portal.licensing.services.reissue import begin_reissue, reissue, waiting_licenses
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license
from keywright_portal.licensing.services.revoke_key import revoke_key
from keywright_portal.licensing.services.rotate_key import rotate_key
from keywright_portal.licensing.tasks import tell_of_reissue
from offline_root import ACTOR, OfflineRoot
from racing import ROUNDS, at_once, reading, without_row_locks, without_uniqueness

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys", "catalog")]


@pytest.fixture
def old_kid(signing_keys):
    return SigningKey.objects.get(algorithm="Ed25519").kid


@pytest.fixture
def run(old_kid, now):
    def _run(*, at=now, stop_after=None, tells=False):
        row = begin_reissue(kid=old_kid, because="key_compromised", tells=tells, actor=ACTOR, now=at)
        steps = []
        for step in reissue(row=row, actor=ACTOR, now=at):
            steps.append(step)
            if len(steps) == stop_after:
                break
        row.refresh_from_db()
        return row, steps

    return _run


@pytest.fixture
def licenses(issue, make_term):
    """Files of some licenses, of which the key that signed them is the first one."""
    with transaction.atomic():
        return [issue(make_term(), seats=10 + number) for number in range(5)]


@pytest.fixture
def next_key(old_kid, now):
    return lambda: OfflineRoot().imported(now=now).next_key(now=now)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(reissuing, "BATCH", 2)


def in_force():
    return LicenseFile.objects.filter(superseded_at=None).order_by("license_id", "position")


def test_each_license_is_signed_anew_with_what_it_said(licenses, next_key, run, now):
    second = next_key()
    row, steps = run()
    assert (row.licenses, row.finished_at, steps[-1].done, steps[-1].total, steps[-1].refused) == (5, now, 5, 5, ())
    pinned = TrustedKeys.from_jwks(trusted_keys_jwks())
    for before in licenses:
        after = list(in_force().filter(license_id=before[0].license_id))
        assert [(file.format, file.name, file.seats, file.expires_at) for file in after] == [
            (file.format, file.name, file.seats, file.expires_at) for file in before
        ]
        assert after[0].kid == second.kid
        assert len({file.file_id for file in after}) == 1
        for old, new in zip(before, after, strict=True):
            said, told = (verify(bytes(file.content), keys=pinned, now=now) for file in (old, new))
            assert told.id == zbase32.encode(new.file_id) != said.id
            assert told.supersedes == (said.id if old.format == "keywright" else None)
            assert [getattr(told, name) for name in ("plan", "seats", "features", "organization", "subscription")] == [
                getattr(said, name) for name in ("plan", "seats", "features", "organization", "subscription")
            ]
            assert (told.starts_at, told.expires_at) == (said.starts_at, said.expires_at)
    assert LicenseFile.objects.filter(superseded_at=now).count() == 10
    assert findings(now) == []
    assert AuditEntry.objects.filter(action="license.reissued").count() == 5


def test_what_an_rsa_key_signed_is_issued_anew_in_every_format(licenses, now):
    old = SigningKey.objects.get(algorithm="RS512")
    new = rotate_key(algorithm="RS512", actor=ACTOR, now=now)
    activate_key(kid=new.kid, actor=ACTOR, now=now)
    row = begin_reissue(kid=old.kid, because="key_compromised", tells=False, actor=ACTOR, now=now)
    assert [step.done for step in reissue(row=row, actor=ACTOR, now=now)] == [5]
    assert {file.kid for file in in_force().filter(format="mattermost")} == {new.kid}
    assert LicenseFile.objects.count() == 20
    assert findings(now) == []


def test_the_next_download_gives_the_new_file(licenses, next_key, run, buyer):
    next_key()
    run()
    new = in_force().filter(license_id=licenses[0][0].license_id).first()
    assert bytes(license_file_for(actor=buyer.actor, file_id=new.pk).content) == bytes(new.content)


def test_after_it_the_old_key_can_be_revoked_and_every_file_in_force_verifies(licenses, next_key, run, old_kid, now):
    next_key()
    run()
    revoke_key(kid=old_kid, even_if_active=False, actor=ACTOR, now=now)
    jwks = TrustedKeys.from_jwks(trusted_keys_jwks())
    warned = TrustedKeys(roots=jwks.roots, mattermost=jwks.mattermost, revoked={old_kid: now})
    assert {verify(bytes(file.content), keys=warned, now=now).seats for file in in_force()} == set(range(10, 15))


def test_interrupted_it_goes_on_where_it_was_and_nothing_is_signed_twice(licenses, next_key, run, small_batches, now):
    next_key()
    row, steps = run(stop_after=1)
    assert (row.licenses, row.finished_at, [step.done for step in steps]) == (2, None, [2])
    row, steps = run(at=now + timedelta(hours=1))
    assert (row.licenses, [step.done for step in steps], steps[-1].total) == (5, [2, 3], 3)
    assert row.finished_at == now + timedelta(hours=1)
    assert (LicenseFile.objects.count(), IssueLogEntry.objects.count()) == (20, 20)
    assert Reissue.objects.count() == 1
    _row, steps = run()
    assert steps == []
    assert LicenseFile.objects.count() == 20


def test_a_batch_that_dies_leaves_nothing_half_done(licenses, next_key, run, small_batches, monkeypatch):
    next_key()
    calls = []

    def die(*arguments, **named):
        calls.append(None)
        if len(calls) == 4:  # the second license of the second batch
            raise KeyboardInterrupt
        return signed(*arguments, **named)

    signed = reissuing._sign_anew
    monkeypatch.setattr(reissuing, "_sign_anew", die)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert (LicenseFile.objects.count(), IssueLogEntry.objects.count(), Reissue.objects.get().licenses) == (14, 14, 2)
    monkeypatch.setattr(reissuing, "_sign_anew", signed)
    row, _steps = run()
    assert row.licenses == 5
    assert LicenseFile.objects.count() == 20


def test_what_is_revoked_superseded_or_long_over_is_left(licenses, issue, next_key, run, now):
    revoke_license(grant_id=licenses[0][0].grant_id, because=RevokedBecause.REFUNDED, actor=ACTOR, now=now)
    LicenseFile.objects.filter(pk__in=[file.pk for file in licenses[1]]).update(expires_at=now - timedelta(days=10))
    LicenseFile.objects.filter(pk__in=[file.pk for file in licenses[2]]).update(
        expires_at=now - timedelta(days=10) + timedelta(seconds=1)
    )
    next_key()
    issue(License.objects.get(pk=licenses[3][0].license_id).term)  # its new file is by the new key already
    row, _steps = run()
    assert row.licenses == 2
    assert {file.license_id for file in LicenseFile.objects.filter(issued_at=now, grant_id__isnull=False)} >= {
        licenses[2][0].license_id,
        licenses[4][0].license_id,
    }


def test_the_key_that_signs_is_not_reissued(licenses, run):
    with pytest.raises(KeyStateError, match="keywright keys rotate"):
        run()
    assert (Reissue.objects.count(), LicenseFile.objects.count()) == (0, 10)


def test_an_unknown_key_is_named(now):
    with pytest.raises(UnknownKeyError, match="no-such"):
        begin_reissue(kid="no-such", because="x", tells=False, actor=ACTOR, now=now)


def test_without_a_key_that_signs_nothing_happens(licenses, next_key, run):
    next_key()
    SigningKey.objects.filter(algorithm="RS512").update(state="retired")
    with pytest.raises(NoSigningKeyError):
        run()
    assert LicenseFile.objects.count() == 10


def test_what_was_never_logged_or_was_changed_gets_no_sound_signature(licenses, next_key, run, small_batches):
    first, second, third = (files[0] for files in sorted(licenses, key=lambda files: files[0].license_id)[:3])
    IssueLogEntry.objects.filter(file_id=first.file_id, format="keywright").delete()
    LicenseFile.objects.filter(pk=second.pk).update(content=bytes(third.content))
    next_key()
    row, steps = run()
    refused = [one for step in steps for one in step.refused]
    assert {one.license_id for one in refused} == {zbase32.encode(one.file_id) for one in (first, second)}
    assert all("isn’t in the log" in one.reason for one in refused)
    assert (row.licenses, row.finished_at) == (3, None)
    assert set(in_force().filter(license_id=first.license_id)) == set(
        LicenseFile.objects.filter(license_id=first.license_id)
    )


def test_what_the_new_key_may_not_sign_is_told_and_the_rest_is_done(licenses, run, old_kid, now):
    files = LicenseFile.objects.filter(license_id=licenses[0][0].license_id)
    OfflineRoot().imported(now=now).next_key(now=now, longest_term=timedelta(days=30))
    row, steps = run()
    assert row.licenses == 0
    assert len(steps[-1].refused) == 5
    assert "can’t be signed" in steps[-1].refused[0].reason
    assert {file.superseded_at for file in files} == {None}


# ---- Telling customers -----------------------------------------------------------------------------------------------


def test_customers_are_told_once_however_many_licenses_they_have(licenses, next_key, run, small_batches, buyer):
    next_key()
    OrmQ.objects.all().delete()
    run(tells=True)
    tasks = [task.task for task in OrmQ.objects.all() if task.task["func"].endswith("tell_of_reissue")]
    assert len(tasks) == 3
    for task in tasks * 2:
        tell_of_reissue(*task["args"])
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == (buyer.user.email, "New license keys for Brightwater Logistics")
    assert "Brightwater Logistics anew. Term, users and features are as they were." in mail.text
    assert mail.text.count("brightwater-logistics-e20-2026.keywright-license") == 5
    assert "/o/brightwater-logistics/" in mail.text
    assert "BEGIN" not in mail.html


def test_nobody_is_told_where_that_was_not_wanted(licenses, next_key, run):
    next_key()
    OrmQ.objects.all().delete()
    run()
    assert OrmQ.objects.count() == 0


# ---- At the same moment ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_sign_each_license_once(licenses, old_kid, next_key, run, small_batches):
    next_key()
    began = begin_reissue(
        kid=old_kid, because="test", tells=False, actor=ACTOR, now=LicenseFile.objects.first().issued_at
    )
    for number in range(1, ROUNDS + 1):
        outcomes = at_once([run, run])
        assert sum(steps[-1].done for _row, steps in outcomes if steps) == 5
        assert (LicenseFile.objects.count(), in_force().count()) == (10 + 10 * number, 10)
        assert waiting_licenses(kid=old_kid, now=began.started_at).count() == 0
        in_force().filter(format="keywright").update(kid=old_kid)  # as if they were to be done again


@pytest.mark.django_db(transaction=True)
def test_a_purchase_in_the_middle_neither_waits_for_the_end_nor_forks_the_log(
    issue, make_term, next_key, run, small_batches
):
    terms = [make_term() for _ in range(6)]
    for term in terms:
        _committed(issue, term)
    next_key()
    at_once([run, lambda: _committed(issue, terms[5], seats=99), lambda: _committed(issue, make_term())])
    now = Reissue.objects.get().started_at
    assert findings(now) == []
    assert waiting_licenses(kid=Reissue.objects.get().kid, now=now).count() == 0
    assert in_force().count() == 14
    assert in_force().get(license__term=terms[5], format="keywright").seats == 99


def _committed(issue, term, **more):
    with transaction.atomic():
        return issue(term, **more)


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_locks_and_constraints_licenses_are_signed_twice(licenses, next_key, run, monkeypatch):
    next_key()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(reissuing, "_logged", reading(reissuing._logged, of=2))
    with without_uniqueness(
        (LicenseFile, "license_id"),
        (LicenseFile, "grant_id"),
        (IssueLogEntry, "sequence"),
        (IssueLogEntry, "hash"),
        (IssueLogHead, "id"),
    ):
        at_once([run, run])
        # Whether the second supersedes the first one’s files too hangs on which of them writes first; both signed.
        assert LicenseFile.objects.count() == 30
