from __future__ import annotations

import pytest

from keywright_portal.licensing.models import BundleSeries, RevocationBundle

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundle(now):
    def _bundle(*, series="issuing", product="enterprise-edition", number=1):
        return RevocationBundle.objects.create(
            series=series,
            product=product,
            number=number,
            kid="kid",
            content=f"{series} {product} {number}".encode(),
            digest=f"{number:064d}",
            revoked_licenses=1,
            revoked_keys=0,
            issued_at=now,
        )

    return _bundle


def test_anybody_reads_the_newest_bundle_of_a_product(client, bundle):
    bundle(number=10)
    bundle(number=9)
    bundle(number=11, product="another")
    response = client.get("/api/v1/revocations/enterprise-edition")
    assert (response.status_code, response.content) == (200, b"issuing enterprise-edition 10")
    assert response["Content-Type"] == "application/vnd.keywright.revocations"
    assert response["Cache-Control"] == "public, max-age=300"


def test_the_roots_bundle_for_all_products_stands_apart(client, bundle):
    bundle(series=BundleSeries.ROOT, product="", number=3)
    bundle(series=BundleSeries.ROOT, product="another", number=4)
    assert client.get("/api/v1/revocations/enterprise-edition").status_code == 404
    assert client.get("/api/v1/revocations/enterprise-edition/root").content == b"root  3"
    assert client.get("/api/v1/revocations/another/root").content == b"root another 4"


def test_a_bundle_that_did_not_change_is_not_sent_again(client, bundle):
    bundle()
    first = client.get("/api/v1/revocations/enterprise-edition")
    again = client.get("/api/v1/revocations/enterprise-edition", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    bundle(number=2)
    changed = client.get("/api/v1/revocations/enterprise-edition", headers={"If-None-Match": first["ETag"]})
    assert changed.content == b"issuing enterprise-edition 2"


@pytest.mark.parametrize("address", ["no-such", "no-such/root", "a%00b", "%F0%9F%94%91"])
def test_where_there_is_none_the_answer_says_so(client, address):
    response = client.get(f"/api/v1/revocations/{address}")
    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "message": "There is no such bundle: nothing was revoked, or there is no such product.",
        "field": None,
    }


def test_one_query_is_asked(client, bundle, django_assert_num_queries):
    bundle()
    with django_assert_num_queries(1):
        client.get("/api/v1/revocations/enterprise-edition")
