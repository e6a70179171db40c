from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _a_folder_for_collected_files(settings, tmp_path):
    """Whitenoise warns where there is none; the tests serve static files from the packages."""
    settings.STATIC_ROOT = tmp_path
