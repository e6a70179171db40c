"""What products are told of revoked licenses and keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from keywright_license import TrustedKeys, verify, zbase32
from keywright_license.errors import RevokedKeyError
from keywright_license.revocations import RevocationReason, read_bundle
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.errors import BundleRefusedError, NoSigningKeyError
from keywright_portal.licensing.models import BundleSeries, License, LicenseFile, RevocationBundle, SigningKey
from keywright_portal.licensing.selectors import newest_bundle, root_bundle_draft, trusted_keys_jwks
from keywright_portal.licensing.services import publish_bundle as publishing
from keywright_portal.licensing.services.import_bundle import import_bundle
from keywright_portal.licensing.services.publish_bundle import REASONS, publish_bundle
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license
from keywright_portal.licensing.services.revoke_key import revoke_key, revoke_root
from keywright_portal.licensing.tasks import publish_bundles
from offline_root import ACTOR, OfflineRoot
from racing import AT_ONCE, ROUNDS, at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys", "catalog")]
PRODUCT = "enterprise-edition"
DAY = timedelta(days=1)


@pytest.fixture
def publish(now):
    return lambda at=now: publish_bundle(product=PRODUCT, actor=ACTOR, now=at)


@pytest.fixture
def revoke(now):
    def _revoke(files, because=RevokedBecause.REFUNDED):
        revoke_license(grant_id=files[0].grant_id, because=because, actor=ACTOR, now=now)
        return zbase32.encode(files[0].file_id)

    return _revoke


@pytest.fixture
def root(signing_keys, now):
    return OfflineRoot().imported(now=now)


def told(row, now, *, newest=None):
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    return read_bundle(bytes(row.content), keys=keys, product=PRODUCT, now=now, newest=newest, newest_by_root=newest)


# ---- Licenses --------------------------------------------------------------------------------------------------------


def test_where_nothing_was_ever_revoked_there_is_no_bundle(issue, publish):
    issue()
    assert publish() is None
    assert RevocationBundle.objects.count() == 0


def test_a_revoked_license_is_told_with_its_time_and_reason(issue, revoke, publish, now):
    issue()
    revoked = revoke(issue())
    row = publish()
    bundle = told(row, now)
    assert (bundle.seq, bundle.product, bundle.issuer) == (1, PRODUCT, "Example Software")
    assert {one: (what.at, what.reason) for one, what in bundle.revoked_licenses.items()} == {
        revoked: (now, RevocationReason.REFUNDED)
    }
    assert (row.series, row.number, row.revoked_licenses, row.revoked_keys) == ("issuing", 1, 1, 0)
    assert AuditEntry.objects.get(action="bundle.published").after == {
        "product": PRODUCT,
        "number": 1,
        "licenses": 1,
    }


def test_every_file_of_a_revoked_license_is_told_also_those_that_were_superseded(
    issue, make_term, revoke, publish, now
):
    term = make_term()
    first, second = issue(term), issue(term, seats=300)
    revoke(second)
    assert set(told(publish(), now).revoked_licenses) == {zbase32.encode(files[0].file_id) for files in (first, second)}


def test_a_file_that_was_merely_superseded_is_not_told(issue, make_term, revoke, publish, now):
    term = make_term()
    issue(term)
    issue(term, seats=300)
    revoked = revoke(issue())
    assert set(told(publish(), now).revoked_licenses) == {revoked}


def test_every_reason_of_ours_has_a_word_of_the_bundles():
    assert set(REASONS) == {reason.value for reason in RevokedBecause}


def test_what_did_not_change_is_not_signed_again(issue, revoke, publish, now):
    revoke(issue())
    first = publish()
    assert publish(now + DAY) == first
    revoke(issue())
    second = publish(now + DAY)
    assert (first.number, second.number) == (1, 2)
    assert told(second, now + DAY, newest=1).seq == 2
    assert newest_bundle(product=PRODUCT, series=BundleSeries.ISSUING) == second


def test_a_license_whose_grace_is_over_needs_no_telling(issue, make_term, revoke, publish):
    term = make_term()
    revoke(issue(term))
    assert publish().revoked_licenses == 1
    last = term.span.license_expires_at + 10 * DAY
    assert publish(last - timedelta(seconds=1)).revoked_licenses == 1
    SigningKey.objects.filter(algorithm="Ed25519").update(valid_until=last + DAY)
    assert publish(last).revoked_licenses == 0


def test_without_a_key_that_signs_the_job_fails_loudly(issue, revoke, publish, now):
    revoke(issue())
    SigningKey.objects.filter(algorithm="Ed25519").update(state="retired")
    with pytest.raises(NoSigningKeyError):
        publish()
    with pytest.raises(NoSigningKeyError):
        publish_bundles()
    assert RevocationBundle.objects.count() == 0


# ---- Keys ------------------------------------------------------------------------------------------------------------


def test_what_a_revoked_key_signed_is_told_as_compromised(root, issue, revoke, publish, now):
    old, withdrawn = issue(), revoke(issue())
    first_key = old[0].kid
    root.next_key(now=now)
    new = issue()
    revoke_key(kid=first_key, even_if_active=False, actor=ACTOR, now=now)
    bundle = told(publish(), now)
    assert bundle.reason_of(zbase32.encode(old[0].file_id)) is RevocationReason.KEY_COMPROMISED
    assert bundle.reason_of(zbase32.encode(new[0].file_id)) is None
    assert bundle.reason_of(withdrawn) is RevocationReason.REFUNDED
    assert bundle.revoked_keys == {}


def test_a_bundle_of_a_key_that_was_revoked_since_is_signed_anew(root, issue, revoke, publish, now):
    revoke(issue())
    first = publish()
    root.next_key(now=now)
    assert publish() == first
    revoke_key(kid=first.kid, even_if_active=False, actor=ACTOR, now=now)
    second = publish()
    assert second.kid != first.kid
    assert second.number == 2


@pytest.fixture
def withdrawn(issue, revoke):
    """The id of a license whose money went back."""
    return revoke(issue())


@pytest.fixture
def two_compromised(root, issue, now):
    """Two licenses whose key was revoked."""
    old = [issue(), issue()]
    root.next_key(now=now)
    revoke_key(kid=old[0][0].kid, even_if_active=False, actor=ACTOR, now=now)


def test_too_many_to_name_are_left_to_the_roots_bundle(withdrawn, two_compromised, publish, now, monkeypatch):
    monkeypatch.setattr(publishing, "MOST_OF_KEYS", 2)
    assert publish().revoked_licenses == 3
    monkeypatch.setattr(publishing, "MOST_OF_KEYS", 1)
    assert set(told(publish(), now).revoked_licenses) == {withdrawn}


def test_the_roots_bundle_has_products_refuse_the_key(root, issue, publish, now):
    old = issue()[0]
    second = root.next_key(now=now)
    revoke_key(kid=old.kid, even_if_active=False, actor=ACTOR, now=now)
    new = issue()[0]
    draft = root_bundle_draft(issuer="Example Software")
    row = import_bundle(content=root.sign(draft, now=now), actor=ACTOR, now=now)
    assert (row.series, row.product, row.number, row.kid, row.revoked_keys) == ("root", "", 1, root.kid, 1)
    pinned = TrustedKeys.from_jwks(trusted_keys_jwks())
    warned = pinned.with_bundle(told(row, now))
    assert verify(bytes(old.content), keys=pinned, now=now).seats == 200
    with pytest.raises(RevokedKeyError):
        verify(bytes(old.content), keys=warned, now=now)
    assert verify(bytes(new.content), keys=warned, now=now).seats == 200
    assert new.kid == second.kid
    assert newest_bundle(product=PRODUCT, series=BundleSeries.ROOT) == row


def test_a_draft_counts_on_and_names_every_key_and_root_that_was_revoked(root, now):
    other = OfflineRoot().imported(now=now)
    keys = [root.next_key(now=now).kid for _ in range(3)]
    assert root_bundle_draft(issuer="x") == {"iss": "x", "seq": 1, "licenses": [], "keys": []}
    for place, kid in enumerate(keys[:2]):
        revoke_key(kid=kid, even_if_active=False, actor=ACTOR, now=now + place * DAY)
    revoke_root(kid=other.kid, actor=ACTOR, now=now)
    draft = root_bundle_draft(issuer="x")
    at = int(now.timestamp())
    assert draft["keys"] == [
        {"kid": keys[0], "at": at},
        {"kid": keys[1], "at": at + 86_400},
        {"kid": other.kid, "at": at},
    ]
    import_bundle(content=root.sign(draft, now=now + DAY), actor=ACTOR, now=now + DAY)
    assert root_bundle_draft(issuer="x")["seq"] == 2


def test_the_same_bundle_again_changes_nothing(root, now):
    content = root.sign(root_bundle_draft(issuer="x"), now=now)
    first = import_bundle(content=content, actor=ACTOR, now=now)
    assert import_bundle(content=content, actor=ACTOR, now=now) == first
    assert RevocationBundle.objects.count() == 1


def test_bundles_that_would_do_harm_are_refused(root, issue, revoke, publish, now):
    active, gone = root.next_key(now=now), SigningKey.objects.get(algorithm="RS512")
    revoke_key(kid=gone.kid, even_if_active=True, actor=ACTOR, now=now)
    sound = root_bundle_draft(issuer="x")
    later = {**sound, "seq": 5}
    import_bundle(content=root.sign(later, now=now), actor=ACTOR, now=now)
    SigningKey.objects.filter(pk=gone.pk).update(state="active")
    revoke(issue())
    own = publish()
    SigningKey.objects.filter(pk=gone.pk).update(state="revoked")
    own_key = {"kid": active.kid, "at": 1}
    for content, reason in (
        (root.sign(sound, now=now), "older than number 5"),
        (root.sign(later, now=now + DAY), "Another bundle has the number 5"),
        (root.sign({**later, "seq": 6, "keys": []}, now=now), "leaves out the key"),
        (root.sign({**later, "seq": 6, "keys": [*later["keys"], own_key]}, now=now), "signs here still"),
        (OfflineRoot().sign({**later, "seq": 6}, now=now), "root key"),
        (bytes(own.content), "that an issuing key signed"),
        (b"", "refused"),
    ):
        with pytest.raises(BundleRefusedError, match=reason):
            import_bundle(content=content, actor=ACTOR, now=now + DAY)
    assert RevocationBundle.objects.filter(series="root").count() == 1


# ---- At the same moment ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_published_at_once_there_is_one_bundle(issue, revoke, publish):
    for number in range(1, ROUNDS + 1):
        with transaction.atomic():
            revoke(issue())
        rows = at_once([publish] * AT_ONCE)
        assert {row.number for row in rows} == {number}
    assert RevocationBundle.objects.count() == ROUNDS
    assert License.objects.filter(revoked_at=None).count() == 0
    assert LicenseFile.objects.count() == 2 * ROUNDS
