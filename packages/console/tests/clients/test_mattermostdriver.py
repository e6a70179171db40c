"""`mattermostdriver`, unchanged, does with the console what it does in the field."""

from urllib.parse import urlsplit

import pytest
from mattermostdriver import Driver
from mattermostdriver.exceptions import (
    InvalidOrMissingParameters,
    NoAccessTokenProvided,
    NotEnoughPermissions,
    ResourceNotFound,
)

from conftest import PASSWORD
from keywright_license import Format


@pytest.fixture
def driver(address):
    """Makes a driver for one user."""

    def make(login_id="anna", password=PASSWORD):
        place = urlsplit(address)
        return Driver(
            {
                "scheme": "http",
                "url": place.hostname,
                "port": place.port,
                "login_id": login_id,
                "password": password,
            }
        )

    return make


@pytest.fixture
def admin(driver):
    one = driver()
    one.login()
    yield one
    assert one.logout() == {"status": "OK"}


def flat(driver):
    return driver.system.get_client_license(params={"format": "old"})


def create(driver, name):
    return driver.users.create_user(options={"email": f"{name}@example.com", "username": name, "password": PASSWORD})


def test_sign_in_and_out(driver):
    one = driver("a@example.com")
    user = one.login()
    assert (user["username"], user["roles"]) == ("anna", "system_user system_admin")
    assert one.users.get_user("me")["id"] == one.client.userid == user["id"]
    token = one.client.token
    assert one.logout() == {"status": "OK"}
    one.client.token = token
    with pytest.raises(NoAccessTokenProvided):
        one.users.get_user("me")


def test_a_token_alone_signs_in(admin, driver):
    other = driver()
    other.options["token"] = admin.client.token
    assert other.login()["username"] == "anna"


def test_a_wrong_password(driver):
    with pytest.raises(NoAccessTokenProvided, match="Check both and try again"):
        driver(password="wrong").login()


@pytest.mark.parametrize("kind", list(Format))
def test_upload_read_and_remove_the_license(admin, license_file, kind):
    one, data = license_file(kind=kind, seats=1250)
    uploaded = admin.system.upload_license_file(files={"license": (f"acme{kind.suffix}", data)})
    assert (uploaded["id"], uploaded["features"]["users"], uploaded["sku_short_name"]) == (one.id, 1250, "E20")
    read = flat(admin)
    assert (read["IsLicensed"], read["Id"], read["Users"], read["LDAP"]) == ("true", one.id, "1250", "true")
    assert set(map(type, read.values())) == {str}
    assert admin.system.remove_license_file() == {"status": "OK"}
    assert flat(admin) == {"IsLicensed": "false"}


def test_a_file_that_is_no_license(admin):
    with pytest.raises(InvalidOrMissingParameters):
        admin.system.upload_license_file(files={"license": ("acme", b"nothing")})
    assert flat(admin) == {"IsLicensed": "false"}


def test_read_without_a_session(driver, admin, license_file):
    one, data = license_file()
    admin.system.upload_license_file(files={"license": ("acme", data)})
    stranger = flat(driver())
    assert stranger["IsLicensed"] == "true"
    assert one.id not in stranger.values()
    admin.system.remove_license_file()


def test_create_deactivate_and_count_users(admin):
    before = admin.users.get_stats()["total_users_count"]
    ben = create(admin, "ben")
    assert admin.users.get_stats() == {"total_users_count": before + 1}
    assert ben["id"] in [user["id"] for user in admin.users.get_users(params={"page": 0, "per_page": 200})]
    assert admin.users.deactivate_user(ben["id"]) == {"status": "OK"}
    assert admin.users.get_user(ben["id"])["delete_at"] > 0
    assert admin.users.get_stats() == {"total_users_count": before}
    assert admin.users.update_user_active_status(ben["id"], options={"active": True}) == {"status": "OK"}
    assert admin.users.get_stats() == {"total_users_count": before + 1}
    figures = admin.system.get_analytics(params={"name": "standard", "team_id": ""})
    assert {row["name"]: row["value"] for row in figures}["unique_user_count"] == before + 1


def test_users_by_name_and_by_role(admin):
    carla = create(admin, "carla")
    assert admin.users.get_user_by_username("carla") == carla
    assert admin.users.get_user_by_email("carla@example.com") == carla
    with pytest.raises(ResourceNotFound):
        admin.users.get_user_by_username("nobody")
    admin.users.update_user_role(carla["id"], options={"roles": "system_user system_admin"})
    assert admin.users.get_user(carla["id"])["roles"] == "system_user system_admin"


def test_a_member_may_not(admin, driver, license_file):
    dora = create(admin, "dora")
    member = driver("dora")
    member.login()
    assert member.users.get_user("me")["id"] == dora["id"]
    with pytest.raises(NotEnoughPermissions):
        member.system.upload_license_file(files={"license": ("acme", license_file()[1])})
    with pytest.raises(NotEnoughPermissions):
        create(member, "emil")
    assert flat(admin) == {"IsLicensed": "false"}


def test_is_it_there(driver):
    assert driver().system.check_system_health() == {"status": "OK"}
