import pytest
from django.test import RequestFactory

from keywright_console.kit.requests import address_of, reference_of


def test_a_request_keeps_its_reference():
    one, other = RequestFactory().get("/"), RequestFactory().get("/")
    assert reference_of(one) == reference_of(one)
    assert reference_of(one) != reference_of(other)


@pytest.mark.parametrize(
    ("behind", "forwarded", "address"),
    [
        (False, None, "192.0.2.9"),
        (False, "198.51.100.1", "192.0.2.9"),
        (True, None, "192.0.2.9"),
        (True, "198.51.100.1", "198.51.100.1"),
        (True, "10.0.0.1, 198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_address_is_what_our_own_proxy_says_or_the_peer(settings, behind, forwarded, address):
    settings.KEYWRIGHT_CONSOLE_BEHIND_PROXY = behind
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR="192.0.2.9")
    assert address_of(request) == address
