from __future__ import annotations

from keywright_portal.kit.links import absolute


def test_an_address_in_a_mail_comes_from_the_setting(settings):
    settings.PORTAL_URL = "https://portal.example"
    assert (
        absolute("subscriptions", organization="brightwater") == "https://portal.example/o/brightwater/subscriptions/"
    )
    assert absolute("home") == "https://portal.example/"
