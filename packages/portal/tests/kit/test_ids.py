from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest

from keywright_portal.kit import ids


def test_keys_are_uuid7_and_grow_with_time():
    made = [ids.uuid7() for _ in range(5_000)]
    assert all(type(key) is uuid.UUID for key in made)
    assert {(key.version, key.variant) for key in made} == {(7, uuid.RFC_4122)}
    assert made == sorted(made)
    assert len(set(made)) == 5_000


def test_a_keys_leading_bits_are_the_time():
    before, key, after = datetime.now(tz=UTC), ids.uuid7(), datetime.now(tz=UTC)
    told = (key.int >> 80) / 1_000
    assert int(before.timestamp() * 1_000) / 1_000 <= told <= after.timestamp()


@pytest.mark.parametrize("prefix", ["PAY", "ORD", "SUP"])
def test_a_reference_can_be_read_out(prefix):
    for _ in range(500):
        assert re.fullmatch(rf"{prefix}-[2-9A-HJKMNP-TV-Z]{{4}}-[2-9A-HJKMNP-TV-Z]{{4}}", ids.reference(prefix))


def test_references_use_every_letter_of_their_alphabet_and_do_not_repeat():
    made = [ids.reference("X")[2:].replace("-", "") for _ in range(2_000)]
    assert set("".join(made)) == set("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert len(set(made)) == 2_000
