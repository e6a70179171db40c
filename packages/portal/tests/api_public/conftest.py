from __future__ import annotations

import pytest
from django.test.utils import override_settings


@pytest.fixture(scope="session", autouse=True)
def _a_folder_for_collected_files(tmp_path_factory):
    """Whitenoise warns where there is none; the tests serve static files from the packages."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield
