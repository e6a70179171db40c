"""docs/where-is.md leads to files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs/where-is.md").read_text()
PATHS = sorted(set(re.findall(r"`((?:packages|tests|bench|docs|demo|scripts)/[^`]+)`", GUIDE)))


def test_it_leads_somewhere():
    assert len(PATHS) > 40


@pytest.mark.parametrize("path", PATHS)
def test_each_path_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "service",
    sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "packages").glob("*/src/*/*/services/*.py")
        if path.name != "__init__.py"
    ),
)
def test_each_service_is_in_it(service):
    assert f"`{service}`" in GUIDE


@pytest.mark.parametrize(
    "room",
    sorted(
        str(path.parent.relative_to(ROOT))
        for package in ("portal", "console")
        for path in (ROOT / "packages" / package / "src").glob("*/*/__init__.py")
    ),
)
def test_each_room_is_in_it(room):
    assert f"`{room}/" in GUIDE
