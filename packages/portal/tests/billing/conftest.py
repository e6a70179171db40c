from __future__ import annotations

import pytest

from invoicing import issue_for


@pytest.fixture
def issue(buyer, now):
    def _issue(*lines, organization=None, at=now, **more):
        return issue_for(organization or buyer.organization, *lines, now=at, **more)

    return _issue
