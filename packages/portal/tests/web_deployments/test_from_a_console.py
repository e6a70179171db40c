"""Where Renew and Add seats of a System Console lead, which names its license in the address."""

import pytest
from django.test import Client

from keywright_license import zbase32
from licensed import issue_again, license_for


@pytest.fixture
def file(owner, buyer, now):
    return license_for(buyer.organization, now=now)


def named(file):
    return f"/?license={zbase32.encode(file.file_id)}&for=renew"


def test_it_leads_to_the_subscriptions_of_the_organization_that_has_the_license(owner, file, now):
    mine = owner.url("subscriptions")
    assert owner.get(named(file)).headers["Location"] == mine
    issue_again(file.license.term, now=now)
    assert owner.get(named(file)).headers["Location"] == mine  # a server may have the older file


def test_who_is_not_signed_in_signs_in_first_and_comes_back(file):
    answer = Client().get(named(file))
    assert answer.status_code == 302
    assert "next=/%3Flicense%3D" in answer.headers["Location"]
    assert answer.headers["Location"].endswith("%26for%3Drenew")


@pytest.mark.parametrize("license_id", ["", "nothing", "ybndrfg8ejkmcpqxot1uwisza3", "%00", "x" * 5_000])
def test_an_unknown_license_leads_to_the_overview_as_ever(owner, file, license_id):
    assert owner.get(f"/?license={license_id}").headers["Location"] == owner.url("overview")


def test_another_organizations_license_is_as_good_as_unknown(sign_in, file, new_buyer):
    stranger = sign_in(new_buyer("Elsewhere"))
    assert stranger.get(named(file)).headers["Location"] == stranger.url("overview")
