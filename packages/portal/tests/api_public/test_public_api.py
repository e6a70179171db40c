from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.test import Client

from keywright_portal.api.limits import QUOTES
from keywright_portal.catalog.models import AddOn, Plan, Price
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.orders.models import CouponUse, Order

pytestmark = pytest.mark.django_db
QUERIES_OF_A_QUOTE = 9  # three read the catalog, six are the limit's
SEATS_SENTENCE = "Enter a whole number of users from 1 to 2,147,483,647."


@pytest.fixture(autouse=True)
def _nothing_counted_yet(db):
    cache.clear()


@pytest.fixture
def ask(client: Client):
    """POST a choice, or any body as it is."""

    def _ask(body, **headers):
        content = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return client.post("/api/v1/quote", content, content_type="application/json", headers=headers)

    return _ask


# ---- Keys ------------------------------------------------------------------------------------------------------------


def test_the_keys_are_those_that_products_pin(client, signing_keys):
    response = client.get("/api/v1/keys")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=300"
    assert response.content.decode() == trusted_keys_jwks()
    assert [key["kty"] for key in response.json()["keys"]] == ["OKP", "RSA"]
    assert all("d" not in key for key in response.json()["keys"])


def test_keys_that_did_not_change_are_not_sent_again(client, signing_keys):
    first = client.get("/api/v1/keys")
    again = client.get("/api/v1/keys", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_portal_without_keys_has_an_empty_set(client):
    assert client.get("/api/v1/keys").json() == {"keys": []}


# ---- Catalog ---------------------------------------------------------------------------------------------------------


def test_the_catalog_is_what_is_sold_in_the_vendors_currency(client, catalog):
    response = client.get("/api/v1/catalog")
    assert response["Cache-Control"] == "public, max-age=60"
    told = response.json()
    assert (told["currency"], told["term_months"]) == ("USD", 12)
    assert [plan["code"] for plan in told["plans"]] == ["E10", "E20"]
    e10, e20 = told["plans"]
    assert (e10["price_per_user"], e10["add_ons"]) == ({"amount": 3_900, "currency": "USD"}, [])
    assert e20["price_per_user"] == {"amount": 10_200, "currency": "USD"}
    assert set(e10["features"]) < set(e20["features"])
    (support,) = e20["add_ons"]
    summary = AddOn.objects.get().summary
    assert support == {
        "code": "premier-support",
        "name": "Premier Support",
        "summary": summary,
        "kind": "percent",
        "price": {"amount": 2_040, "currency": "USD"},
        "basis_points": 2_000,
    }


def test_what_was_withdrawn_is_not_told(client, catalog, now):
    Plan.objects.filter(code="E10").update(withdrawn_at=now)
    assert [plan["code"] for plan in client.get("/api/v1/catalog").json()["plans"]] == ["E20"]


def test_before_the_first_catalog_there_is_nothing_to_sell(client, ask):
    for response in (client.get("/api/v1/catalog"), ask({"plan": "E10", "users": 1})):
        assert response.status_code == 503
        assert response.json()["code"] == "no_catalog"


# ---- Quotes ----------------------------------------------------------------------------------------------------------


def test_a_quote_is_reckoned_line_by_line(ask, catalog):
    response = ask({"plan": "E20", "users": 200, "add_ons": ["premier-support"]})
    assert response.status_code == 200
    assert response.json() == {
        "plan": "E20",
        "users": 200,
        "term_months": 12,
        "lines": [
            {
                "kind": "plan",
                "code": "E20",
                "name": Plan.objects.get(code="E20").name,
                "quantity": 200,
                "unit": {"amount": 10_200, "currency": "USD"},
                "total": {"amount": 2_040_000, "currency": "USD"},
                "discount": {"amount": 0, "currency": "USD"},
                "net": {"amount": 2_040_000, "currency": "USD"},
                "tax": {"amount": 0, "currency": "USD"},
                "gross": {"amount": 2_040_000, "currency": "USD"},
                "tax_basis_points": 0,
                "basis_points": None,
            },
            {
                "kind": "add_on",
                "code": "premier-support",
                "name": "Premier Support",
                "quantity": 200,
                "unit": {"amount": 2_040, "currency": "USD"},
                "total": {"amount": 408_000, "currency": "USD"},
                "discount": {"amount": 0, "currency": "USD"},
                "net": {"amount": 408_000, "currency": "USD"},
                "tax": {"amount": 0, "currency": "USD"},
                "gross": {"amount": 408_000, "currency": "USD"},
                "tax_basis_points": 0,
                "basis_points": 2_000,
            },
        ],
        "price_per_user": {"amount": 12_240, "currency": "USD"},
        "subtotal": {"amount": 2_448_000, "currency": "USD"},
        "coupon": None,
        "discount": {"amount": 0, "currency": "USD"},
        "net": {"amount": 2_448_000, "currency": "USD"},
        "tax": {
            "kind": "untaxed",
            "name": "",
            "basis_points": 0,
            "included": False,
            "amount": {"amount": 0, "currency": "USD"},
        },
        "total": {"amount": 2_448_000, "currency": "USD"},
    }
    assert not Order.objects.exists()


def test_the_largest_number_of_users_gets_its_exact_total(ask, catalog):
    told = ask({"plan": "E20", "users": 2_147_483_647, "add_ons": ["premier-support"]}).json()
    assert told["total"] == {"amount": 2_147_483_647 * 12_240, "currency": "USD"}


def test_a_whole_number_may_be_written_with_a_point(ask, catalog):
    assert ask('{"plan": "E10", "users": 200.0}').json()["users"] == 200


def test_an_add_on_named_twice_is_bought_once(ask, catalog):
    told = ask({"plan": "E20", "users": 1, "add_ons": ["premier-support"] * 2}).json()
    assert told["total"]["amount"] == 12_240


@pytest.mark.parametrize("users", [0, -1, 1.5, 10**12, 10**400, 2_147_483_648, "200", "", "many", None, True, [1], {}])
def test_what_is_no_number_of_users_gets_the_pages_own_sentence(ask, catalog, users):
    response = ask({"plan": "E20", "users": users})
    assert response.status_code == 422
    assert response.json() == {"code": "seats_out_of_range", "message": SEATS_SENTENCE, "field": "users"}


def test_no_number_of_users_at_all_is_the_same(ask, catalog):
    assert ask({"plan": "E20"}).json()["code"] == "seats_out_of_range"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"plan": "E30", "users": 1}, (404, "not_found", "plan")),
        ({"plan": "E20", "users": 1, "add_ons": ["gold"]}, (404, "not_found", "add_ons")),
        ({"plan": "E10", "users": 1, "add_ons": ["premier-support"]}, (422, "add_on_not_offered", "add_ons")),
        ({"plan": "", "users": 1}, (422, "invalid_request", "plan")),
        ({"plan": "E20\x00", "users": 1}, (422, "invalid_request", "plan")),
        ({"plan": "\ud800", "users": 1}, (422, "invalid_request", "plan")),
        ({"plan": None, "users": 1}, (422, "invalid_request", "plan")),
        ({"users": 1}, (422, "invalid_request", "plan")),
        ({"plan": "E20", "users": 1, "add_ons": "premier-support"}, (422, "invalid_request", "add_ons")),
        ({"plan": "E20", "users": 1, "add_ons": None}, (422, "invalid_request", "add_ons")),
        ({"plan": "E20", "users": 1, "add_ons": [7]}, (422, "invalid_request", "add_ons")),
        ({"plan": "E20", "users": 1, "add_ons": ["a"] * 51}, (422, "invalid_request", "add_ons")),
        ({"plan": "E20", "users": 1, "currency": "EUR"}, (422, "invalid_request", "currency")),
        ({"plan": "E20", "users": 1, "total": 1}, (422, "invalid_request", "total")),
        ({"plan": "E20", "users": 1, "x" * 999: 1}, (422, "invalid_request", "x" * 60)),
        ([], (422, "invalid_request", None)),
        ("null", (422, "invalid_request", None)),
        ("", (422, "invalid_request", None)),
        ("{", (400, "invalid_request", None)),
        (b"\xff", (400, "invalid_request", None)),
    ],
)
def test_what_cannot_be_quoted_says_why_in_one_shape(ask, catalog, body, answer):
    response = ask(body)
    told = response.json()
    assert (response.status_code, told["code"], told["field"]) == answer
    assert sorted(told) == ["code", "field", "message"]
    assert told["message"].endswith(".")


def test_a_field_that_is_not_there_is_named(ask, catalog):
    told = ask({"plan": "E20", "users": 1, "discount": 99}).json()
    assert told["message"] == "Leave out “discount”: there is no such field."


@pytest.mark.parametrize("withdrawn", ["plan", "add-on", "price"])
def test_what_is_no_longer_sold_is_said_to_be(ask, catalog, now, withdrawn):
    if withdrawn == "plan":
        Plan.objects.filter(code="E20").update(withdrawn_at=now)
    elif withdrawn == "add-on":
        AddOn.objects.update(withdrawn_at=now)
    else:
        Price.objects.filter(plan__code="E20").update(superseded_at=now)
    response = ask({"plan": "E20", "users": 1, "add_ons": ["premier-support"]})
    assert (response.status_code, response.json()["code"]) == (409, "no_longer_sold")


# ---- The edge --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/nothing", "/api/v1/keys/", "/api/v1/docs"])
def test_an_unknown_address_answers_in_the_same_shape(client, address):
    for response in (client.get(address), client.post(address)):
        assert response.status_code == 404
        assert sorted(response.json()) == ["code", "field", "message"]


@pytest.mark.parametrize(
    ("method", "address", "allowed"), [("get", "quote", "POST"), ("delete", "catalog", "GET"), ("post", "keys", "GET")]
)
def test_another_method_is_refused_in_the_same_shape(client, method, address, allowed):
    response = getattr(client, method)(f"/api/v1/{address}")
    assert (response.status_code, response["Allow"], response.json()["code"]) == (405, allowed, "method_not_allowed")


def test_asking_needs_no_cookie_and_sets_none(catalog):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/api/v1/quote", json.dumps({"plan": "E10", "users": 1}), content_type="application/json")
    assert response.status_code == 200
    assert not response.cookies


def test_an_address_that_asks_too_often_waits_and_another_need_not(ask, client, catalog, monkeypatch, now):
    monkeypatch.setattr("keywright_portal.kit.clock.now", lambda: now)
    for _ in range(QUOTES.count):
        assert ask({"plan": "E10", "users": 1}).status_code == 200
    refused = ask({"plan": "E10", "users": 1})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused["Retry-After"] == "60"
    # What a client says of itself isn't believed where there is no proxy of ours.
    assert ask({"plan": "E10", "users": 1}, **{"X-Forwarded-For": "192.0.2.9"}).status_code == 429
    other = client.post(
        "/api/v1/quote", '{"plan": "E10", "users": 1}', content_type="application/json", REMOTE_ADDR="192.0.2.9"
    )
    assert other.status_code == 200


def test_the_description_is_there_and_no_page_loads_from_elsewhere(client):
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert sorted(response.json()["paths"]) == [
        "/api/v1/activations",
        "/api/v1/catalog",
        "/api/v1/keys",
        "/api/v1/licenses/{subscription}/newest",
        "/api/v1/organizations/{organization}/documents",
        "/api/v1/quote",
        "/api/v1/releases",
        "/api/v1/revocations/{product}",
        "/api/v1/revocations/{product}/root",
        "/api/v1/usage",
    ]
    assert b"://" not in response.content


@pytest.mark.usefixtures("catalog", "signing_keys")
def test_queries_stay_the_same_however_much_is_sold(client, ask, django_assert_num_queries, now):
    def queries():
        with django_assert_num_queries(2):
            client.get("/api/v1/keys")
        with django_assert_num_queries(3):
            client.get("/api/v1/catalog")
        with django_assert_num_queries(QUERIES_OF_A_QUOTE):
            ask({"plan": "E20", "users": 1})

    ask({"plan": "E20", "users": 1})
    queries()
    plan = Plan.objects.get(code="E10")
    for number in range(20):
        more = Plan.objects.create(product=plan.product, code=f"X{number}", name=f"X{number}", summary="More")
        Price.objects.create(plan=more, kind="per_user", currency="USD", amount=100, created_at=now)
    queries()
    assert len(client.get("/api/v1/catalog").json()["plans"]) == 22


# ---- Countries, tax and coupons --------------------------------------------------------------------------------------


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def test_the_catalog_is_told_in_a_countrys_currency(client, default_catalog):
    def told(query):
        found = client.get("/api/v1/catalog", query).json()
        return found["currency"], found["prices_include_tax"], found["plans"][1]["price_per_user"]["amount"]

    assert told({}) == ("USD", False, 10_200)
    assert told({"country": "DE"}) == ("EUR", False, 9_400)
    assert told({"country": "JP"}) == ("JPY", False, 15_200)
    assert client.get("/api/v1/catalog", {"country": "Germany"}).status_code == 422


def test_a_quote_for_a_country_has_its_currency_and_its_tax(ask, default_catalog):
    told = ask({"plan": "E20", "users": 3, "add_ons": ["premier-support"], "country": "DE"}).json()
    assert (told["subtotal"], told["net"], told["total"]) == (euros(33_840), euros(33_840), euros(40_270))
    assert told["tax"] == {
        "kind": "taxed",
        "name": "VAT",
        "basis_points": 1_900,
        "included": False,
        "amount": euros(6_430),
    }
    assert [(line["net"], line["tax"], line["gross"], line["tax_basis_points"]) for line in told["lines"]] == [
        (euros(28_200), euros(5_358), euros(33_558), 1_900),
        (euros(5_640), euros(1_072), euros(6_712), 1_900),
    ]


def test_a_quote_with_a_coupon_uses_none_of_it(ask, default_catalog):
    told = ask({"plan": "E10", "users": 10, "coupon": "welcome10"}).json()
    assert (told["coupon"], told["discount"]["amount"], told["total"]["amount"]) == ("WELCOME10", 3_900, 35_100)
    assert (told["price_per_user"]["amount"], told["lines"][0]["discount"]["amount"]) == (3_510, 3_900)
    assert not CouponUse.objects.exists()


def test_a_coupon_that_cant_be_used_says_why(ask, default_catalog):
    refused = ask({"plan": "E10", "users": 10, "coupon": "PILOT"})
    assert (refused.status_code, refused.json()) == (
        409,
        {
            "code": "coupon",
            "message": "Coupon PILOT isn’t for E10, but for E20. Leave the field empty to go on.",
            "field": "coupon",
        },
    )


@pytest.mark.parametrize("code", ["\0", "ß", "A\nB", "' OR 1=1", "A" * 60, "-"])
def test_what_is_no_coupons_code_is_a_coupon_that_isnt_there(ask, default_catalog, code):
    refused = ask({"plan": "E10", "users": 1, "coupon": code})
    assert (refused.status_code, refused.json()["code"]) == (409, "coupon")


@pytest.mark.parametrize(
    "more",
    [
        {"country": "de"},
        {"country": "DEU"},
        {"country": 1},
        {"vat_number": "1" * 31},
        {"coupon": "A" * 61},
        {"tax": 0},
        {"discount": 1},
    ],
)
def test_what_isnt_as_described_is_refused(ask, default_catalog, more):
    assert ask({"plan": "E10", "users": 1, **more}).status_code == 422
