"""Pages in Chromium, for every suite that looks at them. A pytest plugin, named in the topmost conftest.py."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, sync_playwright

CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
"""What axe-core is asked about."""


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """One browser for a file of tests, no longer: its loop runs in this thread, which Django takes for a mistake, and
    gives connections of their own. They are closed here, and the server's with each request: PostgreSQL drops no
    database that somebody is connected to.
    """
    path = os.environ.get("KEYWRIGHT_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "Pages are tested in Chromium: install it first."
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        patched.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()
        connections.close_all()
