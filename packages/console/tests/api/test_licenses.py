import base64
from datetime import timedelta

import pytest
from bad_files import BAD
from caller import BASE, Caller, ok, refused

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from keywright_license import Format
from vendor import DAY, NOON

DENIED = "api.context.permissions.app_error"
IDS = {
    "expired": "api.license.add_license.expired.app_error",
    "too_few_seats": "api.license.add_license.unique_users.app_error",
    "too_large": "api.license.add_license.too_large.app_error",
    "empty": "api.license.add_license.array.app_error",
}
INVALID = "api.license.add_license.invalid.app_error"


@pytest.fixture
def caller(admin, member, clock_at_noon):
    return Caller(admin)


def install(data, now=NOON):
    apply_license(actor=SHELL, data=data, active_users=0, now=now)


def client_license(caller):
    return ok(caller.call("GET", "/license/client?format=old"))


@pytest.mark.parametrize("kind", list(Format))
def test_upload_read_remove(caller, vendor, kind):
    one = vendor.license(kind=kind)
    found = ok(caller.upload("/license", vendor.file(one)))
    assert (found["id"], found["sku_short_name"], found["features"]["users"], found["features"]["cluster"]) == (
        one.id,
        "E20",
        250,
        True,
    )
    assert found["customer"]["company"] == "Brightwater Logistics GmbH"
    assert found["expires_at"] == round(one.expires_at.timestamp() * 1000)
    assert client_license(caller)["Id"] == one.id
    assert ok(caller.call("DELETE", "/license")) == {"status": "OK"}
    assert client_license(caller) == {"IsLicensed": "false"}
    assert ok(caller.call("DELETE", "/license")) == {"status": "OK"}


def test_preview_saves_nothing(caller, vendor):
    one = vendor.license()
    assert ok(caller.upload("/license/preview", vendor.file(one)))["id"] == one.id
    assert not InstalledLicense.objects.exists()


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("path", ["/license", "/license/preview"])
def test_a_bad_file_is_refused_and_the_license_in_force_stays(caller, vendor, stranger, path, name):
    code, make = BAD[name]
    good = vendor.license()
    install(vendor.file(good))
    status = 413 if code == "too_large" else 400
    found = refused(caller.upload(path, make(vendor, stranger)), status, IDS.get(code, INVALID))
    assert found["detailed_error"] == f"code={code}"
    assert standing(now=NOON).in_force.license.id == good.id


def test_a_refused_upload_is_in_the_audit_log_by_its_request_id(caller):
    found = refused(caller.upload("/license", b"nothing"), 400, INVALID)
    assert AuditRow.objects.get(reference=found["request_id"]).after == {"code": "malformed"}


def test_an_upload_without_the_part(caller, vendor):
    refused(caller.upload("/license", vendor.file(), name="file"), 400, "api.license.add_license.no_file.app_error")
    refused(caller.call("POST", "/license"), 400, "api.license.add_license.no_file.app_error")


def test_a_multipart_body_without_a_boundary(caller):
    response = caller.client.generic(
        "POST", f"{BASE}/license", b"x", content_type="multipart/form-data", headers=caller.headers
    )
    refused(response, 400, "api.context.invalid_body_param.app_error")


def test_a_member_gets_neither_call(member, vendor, clock_at_noon):
    caller = Caller(member)
    good = vendor.license()
    install(vendor.file(good))
    rows = AuditRow.objects.count()
    for path in ("/license", "/license/preview"):
        refused(caller.upload(path, vendor.file(seats=300)), 403, DENIED)
    refused(caller.call("DELETE", "/license"), 403, DENIED)
    refused(caller.call("GET", "/analytics/old?name=standard&team_id="), 403, DENIED)
    assert standing(now=NOON).in_force.license.id == good.id
    assert AuditRow.objects.count() == rows


def test_the_flat_map_is_all_text(caller, vendor):
    one = vendor.license(plan="E10")
    install(vendor.file(one))
    found = client_license(caller)
    assert all(isinstance(value, str) for value in found.values())
    assert {key: found[key] for key in ("IsLicensed", "SkuName", "SkuShortName", "Users", "LDAP", "Cluster")} == {
        "IsLicensed": "true",
        "SkuName": "Enterprise Edition E10",
        "SkuShortName": "E10",
        "Users": "250",
        "LDAP": "true",
        "Cluster": "false",
    }
    assert found["ExpiresAt"] == str(round(one.expires_at.timestamp() * 1000))


def test_without_the_permission_it_does_not_say_whose(caller, member, vendor):
    install(vendor.file())
    whole = client_license(caller)
    for other in (Caller(), Caller(member)):
        found = client_license(other)
        assert found["IsLicensed"] == "true"
        assert sorted(set(whole) - set(found)) == sorted(
            ["Id", "Name", "Email", "IssuedAt", "StartsAt", "ExpiresAt", "SkuName"]
        )


def test_the_map_wants_its_format(caller):
    refused(caller.call("GET", "/license/client"), 400, "api.license.client.old_format.app_error")


def test_a_license_past_grace_or_waiting_is_none(caller, vendor, move_clock):
    install(vendor.file(starts=NOON + 10 * DAY))
    assert client_license(caller) == {"IsLicensed": "false"}
    install(vendor.file())
    move_clock(NOON + 370 * DAY)
    assert client_license(caller)["IsLicensed"] == "true"
    move_clock(NOON + 390 * DAY)
    assert client_license(caller) == {"IsLicensed": "false"}


def test_load_metric(caller, vendor):
    assert ok(caller.call("GET", "/license/load_metric")) == {"load": 0}
    install(vendor.file(seats=3))
    User.objects.update(last_activity_at=NOON)
    assert ok(caller.call("GET", "/license/load_metric")) == {"load": 667}


def test_analytics(caller, admin, member):
    gone = make_user("gone")
    User.objects.filter(pk=gone.pk).update(deactivated_at=NOON)
    User.objects.filter(pk=member.pk).update(last_activity_at=NOON - timedelta(days=5))
    found = ok(caller.call("GET", "/analytics/old?name=standard&team_id="))
    assert {row["name"]: row["value"] for row in found} == {
        "unique_user_count": 2,
        "daily_active_users": 1,
        "monthly_active_users": 2,
        "inactive_user_count": 1,
    }
    refused(caller.call("GET", "/analytics/old?name=other"), 400, "api.admin.analytics.name.app_error")


def test_a_console_without_keys_says_so(caller, settings, vendor):
    install(vendor.file())
    settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS = ""
    found = refused(caller.call("GET", "/license/client?format=old"), 500, INVALID)
    assert found["detailed_error"] == "code=not_configured"


def test_a_damaged_base64_letter_never_reaches_the_database(caller, vendor):
    data = bytearray(base64.b64decode(vendor.file(kind=Format.MATTERMOST)))
    data[-1] ^= 1
    refused(caller.upload("/license", base64.b64encode(bytes(data))), 400, INVALID)
    assert not InstalledLicense.objects.exists()
