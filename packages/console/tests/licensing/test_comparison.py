import pytest

from keywright_console.licensing.comparison import compare


def lines(was, now):
    return {line.label: line for line in compare(was, now)}


@pytest.fixture
def small(vendor):
    return vendor.license(seats=250)


def test_more_seats_and_nothing_else(vendor, small):
    found = compare(small, vendor.license(seats=1270))
    assert [(line.label, line.was, line.now, line.note, line.loses) for line in found if line.changed] == [
        ("Seats", "250", "1,270", "1,020 more", False)
    ]
    assert found[0].label == "Seats"
    assert {line.label for line in found} == {
        "Seats",
        "Licensed to",
        "License type",
        "Starts",
        "Expires",
        "Deployments",
        "Features",
    }


def test_fewer_seats_are_a_loss(vendor, small):
    line = lines(small, vendor.license(seats=249))["Seats"]
    assert (line.note, line.loses) == ("1 fewer", True)


def test_a_smaller_plan_names_what_it_takes_away(vendor, small):
    found = lines(small, vendor.license(plan="E10"))
    assert found["License type"].now == "Enterprise Edition E10"
    assert found["Features"].note == "takes away Compliance, Data retention, High availability"
    assert found["Features"].loses
    assert (found["Features"].was, found["Features"].now) == ("7", "4")


def test_as_many_features_of_other_kinds_are_a_change(vendor):
    found = lines(vendor.license(features=frozenset({"ldap"})), vendor.license(features=frozenset({"saml"})))
    assert found["Features"].changed
    assert found["Features"].note == "adds SAML; takes away AD/LDAP"


def test_an_earlier_end_is_a_loss(vendor, small):
    line = lines(small, vendor.license(days=300))["Expires"]
    assert (line.changed, line.note, line.loses) == (True, "earlier", True)
    assert lines(small, vendor.license(days=400))["Expires"].loses is False


def test_without_a_license_all_is_new(vendor, small):
    found = compare(None, small)
    assert all(line.changed and line.was == "" and not line.loses for line in found)


def test_a_feature_of_a_later_release_is_named_as_spelled(vendor, small):
    found = lines(small, vendor.license(features=small.features | {"time_travel"}))
    assert found["Features"].note == "adds time travel"


def test_deployments_and_organization(vendor, small):
    found = lines(small, vendor.license(company="Other AG", other_deployments=0))
    assert (found["Licensed to"].was, found["Licensed to"].now) == ("Brightwater Logistics GmbH", "Other AG")
    assert (found["Deployments"].was, found["Deployments"].now) == ("1 production, 4 other", "1 production")
