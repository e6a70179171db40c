"""The guides to the settings and to the catalog file name all that there is, and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from django_countries import countries

import keywright_portal
from keywright_portal.catalog.currencies import DIGITS

SOURCE = Path(keywright_portal.__file__).parent
DOCS = Path(__file__).parents[4] / "docs"


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_every_setting_is_described_and_exists():
    read = "".join((SOURCE / "config" / name).read_text() for name in ("settings.py", "environment.py"))

    assert set(re.findall("`(KEYWRIGHT_[A-Z_]+)`", (DOCS / "settings.md").read_text())) == set(
        re.findall('"(KEYWRIGHT_[A-Z_]+)"', read)
    )


def test_every_key_of_the_catalog_file_is_described():
    used = keys_of(tomllib.loads((SOURCE / "catalog/default.toml").read_text()))
    text = (DOCS / "catalog.md").read_text()

    described = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    assert {key for key in used if key not in described and key not in DIGITS and key not in countries} == set()


def test_the_currencies_are_those_that_are_described():
    text = (DOCS / "catalog.md").read_text()

    assert re.findall("[A-Z]{3}", text[text.index("Currencies: ") : text.index("Others are left out")]) == sorted(
        DIGITS
    )
