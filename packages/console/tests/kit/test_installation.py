import pytest
from django.db import IntegrityError, transaction

from keywright_console.kit.installation import claim_set_up, installation, lock
from keywright_console.kit.models import Installation


def test_the_row_is_made_once(db, now):
    first = installation(now=now)
    assert installation(now=now).deployment_id == first.deployment_id
    assert Installation.objects.count() == 1


def test_there_is_no_second_row(db, now):
    installation(now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Installation.objects.create(pk=2, made_at=now)


def test_set_up_is_claimed_once_and_voids_the_code(db, now):
    installation(now=now)
    Installation.objects.update(setup_code_digest="x" * 64)
    assert claim_set_up(now=now) is True
    assert claim_set_up(now=now) is False
    row = Installation.objects.get()
    assert (row.set_up_at, row.setup_code_digest) == (now, "")


@pytest.mark.django_db(transaction=True)
def test_the_lock_needs_a_transaction(now):
    with pytest.raises(RuntimeError):
        lock(now=now)
