from __future__ import annotations

import re
from itertools import islice

import pytest

from keywright_portal.accounts.slugs import LENGTH, slugs_for


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Brightwater Logistics GmbH", "brightwater-logistics-gmbh"),
        ("Café Zürich & Söhne", "cafe-zurich-sohne"),
        ("  --  ", "organization"),
        ("株式会社", "organization"),
        ("x" * 120, "x" * LENGTH),
    ],
)
def test_the_first_candidate_is_the_name(name, slug):
    assert next(slugs_for(name)) == slug


def test_then_come_numbers_then_random_ends():
    first = list(islice(slugs_for("Other Company"), 5))

    assert first[:3] == ["other-company", "other-company-2", "other-company-3"]
    assert all(re.fullmatch(r"other-company-[0-9a-f]{6}", slug) for slug in first[3:])
    assert first[3] != first[4]


@pytest.mark.parametrize("name", ["x" * 120, "a" * 57 + " b c"])
def test_none_is_longer_than_the_column(name):
    assert max(len(slug) for slug in islice(slugs_for(name), 6)) <= LENGTH
