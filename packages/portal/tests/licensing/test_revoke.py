"""A license that ends before its term, and one that is revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keywright_license import TrustedKeys, verify, zbase32
from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import PermissionDeniedError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.errors import LicenseRevokedError
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.licensing.selectors import license_file_for, listed_files_for, trusted_keys_jwks
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
UNTIL = datetime(2026, 4, 26, tzinfo=UTC)


@pytest.fixture
def revoke(now):
    def _revoke(grant_id, because=RevokedBecause.REFUNDED):
        return revoke_license(grant_id=grant_id, because=because, actor=system("test"), now=now)

    return _revoke


def test_a_file_ends_on_the_day_that_its_grant_says(issue, make_term, now):
    term = make_term()
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    for file in issue(term, runs_until=UNTIL):
        said = verify(bytes(file.content), keys=keys, now=now)
        assert file.expires_at == said.expires_at == UNTIL + timedelta(hours=12)
        assert said.starts_at == term.starts_at


def test_it_never_ends_after_its_term(issue, make_term):
    term = make_term()
    for file in issue(term, runs_until=term.ends_at + timedelta(days=1)):
        assert file.expires_at == term.span.license_expires_at


def test_the_full_file_supersedes_the_one_that_ended_sooner(issue, make_term, now):
    term = make_term()
    first = issue(term, runs_until=UNTIL)
    second = issue(term)
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    said = verify(bytes(second[0].content), keys=keys, now=now)
    assert said.supersedes == zbase32.encode(first[0].file_id)
    assert said.expires_at == term.span.license_expires_at
    assert set(LicenseFile.objects.filter(superseded_at=None)) == set(second)


def test_revoking_is_written_once(issue, revoke, now):
    files = issue()
    first = revoke(files[0].grant_id)
    assert (first.revoked_at, first.revoked_because) == (now, "refunded")
    assert revoke(files[0].grant_id, RevokedBecause.DISPUTED) is None
    row = License.objects.get()
    assert (row.revoked_at, row.revoked_because) == (now, "refunded")
    entry = AuditEntry.objects.get(action="license.revoked")
    assert (entry.subject_id, entry.after) == (str(row.pk), {"because": "refunded"})


def test_any_grant_of_it_names_the_license_and_others_stay(issue, make_term, revoke):
    term = make_term()
    early, _full = issue(term, runs_until=UNTIL), issue(term)
    other = issue()
    revoke(early[0].grant_id)
    assert License.objects.get(term=term).revoked_at is not None
    assert License.objects.get(pk=other[0].license_id).revoked_at is None
    assert revoke(uuid7()) is None


def test_no_other_file_is_signed_for_it_and_the_ones_there_are_stay_as_they_were(issue, make_term, revoke):
    term = make_term()
    files = issue(term)
    before = [bytes(file.content) for file in LicenseFile.objects.all()]
    revoke(files[0].grant_id)
    with pytest.raises(LicenseRevokedError):
        issue(term)
    assert [bytes(file.content) for file in LicenseFile.objects.all()] == before
    assert [file.pk for file in issue(term, grant_id=files[0].grant_id)] == [file.pk for file in files]


def test_it_is_handed_out_no_more_and_listed_as_revoked(issue, make_term, revoke, buyer):
    term = make_term()
    files = issue(term)
    assert [file.is_revoked for file in listed_files_for(actor=buyer.actor, term_ids=[term.pk])[term.pk]] == [False] * 2
    revoke(files[0].grant_id)
    for file in files:
        with pytest.raises(LicenseRevokedError):
            license_file_for(actor=buyer.actor, file_id=file.pk)
    listed = listed_files_for(actor=buyer.actor, term_ids=[term.pk])[term.pk]
    assert [(file.is_revoked, file.last_day) for file in listed] == [(True, term.span.last_day)] * 2


def test_who_may_not_download_isnt_told_that_it_is_revoked(issue, revoke, buyer):
    file = issue()[0]
    revoke(file.grant_id)
    reader = Actor(
        user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset({Permission.READ})
    )
    with pytest.raises(PermissionDeniedError):
        license_file_for(actor=reader, file_id=file.pk)
