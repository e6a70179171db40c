import copy
import pickle
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta

import pytest

from forge import NOW, make_license
from keywright_license import GRACE_DAYS, Deployments, Format, LicenseState

SECOND = timedelta(seconds=1)
GRACE = timedelta(days=GRACE_DAYS)


@pytest.mark.parametrize(
    ("since_start", "since_end", "state"),
    [
        (-SECOND, None, LicenseState.NOT_YET_VALID),
        (timedelta(0), None, LicenseState.ACTIVE),
        (None, timedelta(0), LicenseState.ACTIVE),
        (None, timedelta(microseconds=1), LicenseState.GRACE),
        (None, GRACE, LicenseState.GRACE),
        (None, GRACE + timedelta(microseconds=1), LicenseState.EXPIRED),
    ],
)
def test_the_state_is_a_question_of_now(since_start, since_end, state):
    license = make_license()
    now = license.starts_at + since_start if since_end is None else license.expires_at + since_end
    assert license.state(now=now) is state


def test_grace_is_ten_days():
    assert GRACE_DAYS == 10


def test_a_state_without_a_time_zone_is_not_answered():
    with pytest.raises(TypeError):
        make_license().state(now=datetime(2026, 11, 24))  # noqa: DTZ001  # naive is the point


def test_a_license_has_what_it_lists_and_nothing_else():
    license = make_license(features=frozenset({"ldap"}))
    assert license.has("ldap")
    assert not license.has("saml")
    assert not license.has("LDAP")


def test_a_license_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        make_license().seats = 5000


def test_a_license_can_be_hashed_copied_and_stored_even_with_unknown_claims():
    license = make_license(extra={"region": "eu"})
    assert hash(license) == hash(make_license(extra={"region": "us"}))
    assert copy.deepcopy(license) == license
    assert pickle.loads(pickle.dumps(license)) == license
    assert license != make_license()


def test_defaults_are_one_production_deployment_and_no_trial():
    license = make_license(deployments=Deployments())
    assert license.deployments == Deployments(production=1, non_production=0)
    assert not license.is_trial
    assert license.supersedes is None
    assert license.extra == {}


def test_formats_name_their_files():
    assert Format.KEYWRIGHT.suffix == ".keywright-license"
    assert Format.MATTERMOST.suffix == ".mattermost-license"
    assert NOW.tzinfo is not None
