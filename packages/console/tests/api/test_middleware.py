"""What Django refuses by itself comes in the API's shape, too."""

import pytest
from caller import BASE, Caller, refused
from described import check
from django.test import Client

from keywright_console.kit.requests import BODY_MAX


def test_a_wrong_method(admin, clock_at_noon):
    response = Caller(admin).call("PATCH", "/users/me")
    refused(response, 405, "api.context.method_not_allowed.app_error")
    assert response.headers["Allow"] == "GET, HEAD"


def test_an_address_that_is_none(db):
    for path in ("/nothing", "/users/me/", "/system/ping/x"):
        refused(Caller().call("GET", path), 404, "api.context.404.app_error")


def test_a_host_that_is_not_ours(db):
    response = Client(headers={"host": "elsewhere.example"}).get(f"{BASE}/license/client?format=old")
    refused(response, 400, "api.context.bad_request.app_error")


def test_a_body_that_is_too_large_to_be_read(admin, clock_at_noon):
    caller = Caller(admin)
    response = caller.client.generic(
        "POST",
        f"{BASE}/license",
        b"x",
        content_type="multipart/form-data; boundary=x",
        headers=caller.headers,
        CONTENT_LENGTH=str(BODY_MAX + 1),
    )
    refused(check("POST", f"{BASE}/license", response), 413, "api.context.too_large.app_error")
    assert response.headers["Content-Length"] == str(len(response.content))


def test_a_fault_of_ours_has_a_reference_and_no_traceback(db, monkeypatch):
    def fail():
        raise RuntimeError("a secret")

    monkeypatch.setattr("keywright_console.api.openapi.openapi", fail)
    response = Client(raise_request_exception=False).get(f"{BASE}/openapi.json")
    refused(response, 500, "api.context.server_error.app_error")
    assert b"secret" not in response.content
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("path", ["/nothing", "/api/v3/users"])
def test_pages_stay_pages(db, path):
    response = Client().get(path, follow=True)
    assert response.headers["Content-Type"].startswith("text/html")
