"""Two nodes on one PostgreSQL, one killed while it applies a license: the old one or the new, never half, never none.

Real processes, ended by SIGKILL. A few rounds; `make trials TRIAL=nodes` plays 200.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, nullcontext, suppress
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from conftest import PASSWORD, make_user
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services import apply_license as apply_module
from shell import CONSOLE, TODAY, free_port
from vendor import DAY, NOON

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("KEYWRIGHT_TRIAL_SIZE") or 4)
BOTH_FROM = 50  # rounds, from which on deaths must have come both before and after the commit
LONGEST = 0.12  # seconds until the death: about twice what an apply takes
WITHIN = 1.0  # second, until all nodes show what one applied
STARTS_WITHIN = 90.0
BOUNDARY = "node-trial"


class Node:
    """`keywright-console serve` in a process group of its own, so that all of it can be killed at once."""

    def __init__(self, *, folder, key_file):
        server = urlsplit(os.environ["KEYWRIGHT_TEST_DATABASE_URL"])
        database = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.name = f"node-{port}"
        self.log = (folder / f"{port}.log").open("wb")
        self.process = subprocess.Popen(
            [CONSOLE, "serve", "--port", str(port), "--no-worker"],
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ},
                "KEYWRIGHT_CONSOLE_DATABASE_URL": database,
                "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": str(key_file),
                "KEYWRIGHT_CONSOLE_PRODUCT": "enterprise-edition",
                "KEYWRIGHT_CONSOLE_INSECURE_COOKIES": "1",
                "KEYWRIGHT_CONSOLE_SECRET_KEY": "s" * 50,
                "PGAPPNAME": self.name,
            },
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready(self, token):
        """Once it answers, and has verified a license before."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(ConnectionError, TimeoutError):
                self.shown(token)
                return self
            time.sleep(0.05)
        raise AssertionError(f"the node didn't start: {self.log.name}")

    def kill(self):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def ask(self, path, token, *, body=None, kind="application/json"):
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"{self.address}/api/v4{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return json.loads(response.read()), response.headers
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError as error:
            raise error.reason if isinstance(error.reason, OSError) else error from error

    def shown(self, token):
        """What this node says is in force: the license's id and seats; None for none."""
        found = self.ask("/license/client?format=old", token)[0]
        return (found["Id"], int(found["Users"])) if found["IsLicensed"] == "true" else None

    def upload(self, data, token):
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="license"; filename="a"\r\n\r\n'.encode()
            + data
            + f"\r\n--{BOUNDARY}--\r\n".encode()
        )
        return self.ask("/license", token, body=body, kind=f"multipart/form-data; boundary={BOUNDARY}")[0]


@pytest.fixture
def signed_in_admin(settings):
    """Their password is kept as the served console keeps it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    return make_user("anna", is_system_admin=True)


def sign_in(node):
    until = time.monotonic() + STARTS_WITHIN
    body = json.dumps({"login_id": "anna", "password": PASSWORD, "token": ""}).encode()
    while True:
        try:
            return node.ask("/users/login", "", body=body)[1]["Token"]
        except ConnectionError:
            assert node.process.poll() is None, node.log.name
            assert time.monotonic() < until, node.log.name
            time.sleep(0.05)


@pytest.mark.usefixtures("signed_in_admin")
def test_one_killed_while_it_applies_leaves_the_old_license_or_the_new(vendor, key_file, tmp_path):
    chance = random.Random(20261124)
    ended = {"old": 0, "new": 0}
    with ExitStack() as nodes:

        def start():
            node = Node(folder=tmp_path, key_file=key_file)
            nodes.callback(node.kill)
            return node

        witness, spare = start(), start()
        token = sign_in(witness)
        first = vendor.license(starts=TODAY - DAY, seats=10)
        witness.upload(vendor.file(first), token)
        old = (first.id, 10)
        for number in range(ROUNDS):
            node, spare = spare.ready(token), start()
            one = vendor.license(starts=TODAY - DAY, seats=11 + number)
            new = (one.id, 11 + number)
            answered, seen = [], []
            sending = threading.Thread(target=send, args=(node, vendor.file(one), token, answered))
            sending.start()
            time.sleep(chance.uniform(0, LONGEST))
            node.kill()
            until = time.monotonic() + WITHIN
            while len(seen) < 5 or (answered and new not in seen and time.monotonic() < until):
                seen.append(witness.shown(token))
            sending.join()
            assert set(seen) <= {old, new}, (number, seen)
            if answered:  # who was told yes has it, on every node
                assert answered[0]["id"] == one.id
                assert seen[-1] == new
            settled = settle(node, witness, token)
            assert settled in {old, new}
            ended["new" if settled == new else "old"] += 1
            rows = InstalledLicense.objects.filter(place="in_force")
            assert [row.license_id for row in rows] == [settled[0]]
            old = settled
    assert sum(ended.values()) == ROUNDS
    if ROUNDS >= BOTH_FROM:
        assert min(ended.values()) > 0, ended


def send(node, data, token, answered):
    with suppress(ConnectionError, http.client.HTTPException):  # it was killed
        answered.append(node.upload(data, token))


def settle(node, witness, token):
    """What is in force once the database has noticed the death: a commit may still have been on its way."""
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [node.name])
            if cursor.fetchone() == (0,):
                return witness.shown(token)
            time.sleep(0.01)
    raise AssertionError("the killed node's sessions stayed")


@pytest.mark.usefixtures("signed_in_admin")
def test_what_one_node_applies_the_other_shows_within_a_second(vendor, key_file, tmp_path):
    with ExitStack() as nodes:
        one, other = (Node(folder=tmp_path, key_file=key_file) for _ in range(2))
        nodes.callback(one.kill)
        nodes.callback(other.kill)
        token = sign_in(one)
        other.ready(token)
        slowest = 0.0
        for number in range(10):
            applied = vendor.license(starts=TODAY - DAY, seats=20 + number)
            one.upload(vendor.file(applied), token)
            since = time.monotonic()
            while other.shown(token) != (applied.id, 20 + number):
                assert time.monotonic() - since < WITHIN
            slowest = max(slowest, time.monotonic() - since)
            one, other = other, one
        assert slowest < WITHIN


def test_the_twin_without_a_transaction_leaves_none(vendor, monkeypatch):
    apply_module.apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)

    def die(**_columns):
        raise KeyboardInterrupt

    monkeypatch.setattr(apply_module.transaction, "atomic", nullcontext)
    monkeypatch.setattr(apply_module, "lock", lambda **_: None)
    monkeypatch.setattr(InstalledLicense.objects, "create", die)
    with pytest.raises(KeyboardInterrupt):
        apply_module.apply_license(actor=SHELL, data=vendor.file(seats=260), active_users=0, now=NOON)
    monkeypatch.undo()
    assert standing(now=NOON).in_force is None
