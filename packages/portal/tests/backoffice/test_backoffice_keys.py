"""What the back office shows of keys."""

from __future__ import annotations

import pytest

from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.licensing.models import LicenseFile, Reissue, RevocationBundle, RootKey, SigningKey

pytestmark = pytest.mark.django_db


def body(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_keys_page_shows_its_limits_and_leads_to_its_root_and_what_it_signed(office, purchase):
    key = SigningKey.objects.get(algorithm="Ed25519")
    page = body(office.get(detail_url(SigningKey, key.kid)))
    assert "1098 days" in page
    assert "Every product" in page
    assert f'href="{detail_url(RootKey, key.root_kid)}"' in page
    for file in LicenseFile.objects.filter(kid=key.kid):
        assert f'href="{detail_url(LicenseFile, file.pk)}"' in page
    assert f'href="{detail_url(Reissue, Reissue.objects.get().pk)}"' in page
    assert f'href="{detail_url(SigningKey, key.kid)}"' in body(office.get(detail_url(RootKey, key.root_kid)))


def test_the_list_says_which_key_is_in_which_state(office, purchase):
    SigningKey.objects.filter(algorithm="RS512").update(state="retired", product="enterprise-edition")
    page = body(office.get(list_url(SigningKey)))
    assert [word in page for word in ("Active", "Retired", "Revoked", "enterprise-edition")] == [
        True,
        True,
        False,
        True,
    ]


def test_a_bundle_leads_to_the_key_that_signed_it_and_its_bytes_are_not_shown(office, purchase):
    bundle = RevocationBundle.objects.get()
    page = body(office.get(detail_url(RevocationBundle, bundle.pk)))
    assert f'href="{detail_url(SigningKey, bundle.kid)}"' in page
    assert "never shown" not in page
