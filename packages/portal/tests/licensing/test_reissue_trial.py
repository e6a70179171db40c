"""Many licenses issued anew, interrupted again and again; and how fast that is. `make trials TRIAL=reissue`: 10,000."""

from __future__ import annotations

import os
import random
import time

import pytest
from django.db import connection, transaction
from test_audit import findings

from keywright_license import TrustedKeys, verify
from keywright_portal.licensing.models import LicenseFile, Reissue, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services import reissue as reissuing
from keywright_portal.licensing.services.reissue import begin_reissue, reissue, waiting_licenses
from offline_root import ACTOR, OfflineRoot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys", "catalog")]
SIZE = int(os.environ.get("KEYWRIGHT_TRIAL_SIZE", "200"))
A_MINUTE = 10_000
SIGNATURES_A_DEATH = 240
"""About. A batch signs 200, so that more than half of them die, each somewhere else."""


class Death(BaseException):
    """What nothing catches."""


@pytest.fixture
def old_kid(issue, make_term, now):
    """The key that signed SIZE licenses, and signs no more."""
    kid = SigningKey.objects.get(algorithm="Ed25519").kid
    with transaction.atomic():
        for _ in range(SIZE):
            issue(make_term())
    if connection.vendor == "postgresql":
        # A vacuum sees none of these rows, which aren’t committed, and has PostgreSQL plan for empty tables.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    OfflineRoot().imported(now=now).next_key(now=now)
    return kid


def run(kid, now, *, tells=False):
    row = begin_reissue(kid=kid, because="trial", tells=tells, actor=ACTOR, now=now)
    for _step in reissue(row=row, actor=ACTOR, now=now):
        pass


def test_ten_thousand_a_minute(old_kid, now):
    """In processor time of this process, which is the whole of it on SQLite: the machine may be busy with others."""
    began = time.process_time()
    run(old_kid, now, tells=True)
    took = time.process_time() - began
    assert Reissue.objects.get().licenses == SIZE
    assert took < SIZE / A_MINUTE * 60


def test_however_often_it_dies_each_is_issued_anew_once(old_kid, now, monkeypatch):
    chance, signed, deaths = random.Random(SIZE), reissuing.sign_file, 0

    def sign_or_die(*arguments, **named):
        if chance.randrange(SIGNATURES_A_DEATH) == 0:
            raise Death
        return signed(*arguments, **named)

    monkeypatch.setattr(reissuing, "sign_file", sign_or_die)
    while waiting_licenses(kid=old_kid, now=now).exists():
        try:
            run(old_kid, now)
        except Death:
            deaths += 1
    assert Reissue.objects.get().licenses == SIZE
    assert deaths >= max(1, SIZE // 300)
    assert LicenseFile.objects.count() == 4 * SIZE
    assert LicenseFile.objects.filter(superseded_at=None).count() == 2 * SIZE
    assert findings(now) == []
    pinned = TrustedKeys.from_jwks(trusted_keys_jwks())
    files = LicenseFile.objects.filter(superseded_at=None, format="keywright")
    assert {verify(bytes(file.content), keys=pinned, now=now).seats for file in files.iterator()} == {200}
