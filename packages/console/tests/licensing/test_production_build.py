"""A build for customers has its keys built in: no environment variable makes it take the demo's licenses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import keywright_console
from vendor import PRODUCT, Vendor

SOURCE = Path(keywright_console.__file__).parent
ALL_VALUES = bool(os.environ.get("KEYWRIGHT_TRIAL_SIZE"))  # a trial; else each variable is given the demo's keys alone
# Given what they can't be, they end the command before a license is looked at.
STOP_THE_START = {"KEYWRIGHT_CONSOLE_DATABASE_URL", "KEYWRIGHT_CONSOLE_REPLICA_URL", "KEYWRIGHT_CONSOLE_SMTP_PORT"}
# Each case in a fork of its own, since the environment is read once a process.
DRIVER = """
import json, os, sqlite3, sys, time
import django, keywright_license, keywright_console.kit.build as build
cases, files = json.load(sys.stdin)
assert build.__file__.startswith(sys.argv[1]), build.__file__
for name, environment in cases:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.environ.update(environment)
        try:
            import keywright_console.config.settings  # the variables are read here
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywright_console.config.settings")
            django.setup()
            from keywright_console.kit.clock import now
            from keywright_console.kit.actor import SHELL
            from keywright_console.licensing.errors import RefusedLicenseError
            from keywright_console.licensing.selectors import standing
            from keywright_console.licensing.services.apply_license import apply_license
            from django.db import connection
            connection.ensure_connection()
            with sqlite3.connect(sys.argv[2]) as tables:
                tables.backup(connection.connection)
            said = [standing(now=now()).in_force is not None]
            for data in files:
                try:
                    apply_license(actor=SHELL, data=data.encode(), active_users=0, now=now())
                except RefusedLicenseError as error:
                    said.append(error.code)
                else:
                    said.append("applied")
            said.append(abs(now().timestamp() - time.time()) < 60)
        except Exception as error:
            said = [f"{type(error).__name__}: {error}"]
        os.write(writer, json.dumps(said).encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as pipe:
        print(json.dumps([name, json.loads(pipe.read())]))
    os.wait()
"""


@pytest.fixture(scope="module")
def makers():
    """The vendor whose product this is; and the demo, which has keys of its own and calls itself what it likes."""
    return Vendor(), Vendor()


@pytest.fixture
def build(makers, tmp_path):
    """The package as a vendor builds it for customers."""
    vendor, _demo = makers
    package = tmp_path / "build" / "keywright_console"
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "pinned").mkdir()
    vendor.publish(package / "pinned" / "keys.json")
    (package / "pinned" / "product").write_text(f"{PRODUCT}\n")
    return package.parent


def environment_variables():
    """Every variable that the console's code names, and those of Django that change what it runs on."""
    named = set(re.findall(r"\"(KEYWRIGHT_\w+)\"", (SOURCE / "config" / "environment.py").read_text()))
    assert {"KEYWRIGHT_CONSOLE_TRUSTED_KEYS", "KEYWRIGHT_CONSOLE_PRODUCT", "KEYWRIGHT_CLOCK_FILE"} <= named
    return sorted(named)


def run(build, cases, files):
    tables = build / "tables.sqlite3"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(build)}
    subprocess.run(
        [sys.executable, "-m", "keywright_console", "migrate"],
        env=environment | {"KEYWRIGHT_CONSOLE_DATABASE_URL": f"sqlite:///{tables}"},
        capture_output=True,
        check=True,
    )
    finished = subprocess.run(
        [sys.executable, "-c", DRIVER, str(build), str(tables)],
        input=json.dumps([cases, files]),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return dict(json.loads(line) for line in finished.stdout.splitlines())


def test_under_every_environment_variable_the_demos_licenses_are_refused(makers, build, tmp_path):
    vendor, demo = makers
    keys = demo.publish(tmp_path / "demo-keys.json")
    own, foreign = vendor.file(days=3000), demo.file(days=3000)
    license_file = tmp_path / "demo.keywright-license"
    license_file.write_bytes(foreign)
    clock = tmp_path / "clock"
    clock.write_text(str(-365 * 86_400))
    values = {
        "trusted keys": str(keys),
        "keys themselves": keys.read_text(),
        "license": foreign.decode(),
        "license file": str(license_file),
        "clock": str(clock),
        "switch": "1",
        "demo": "demo",
    }
    base = {"KEYWRIGHT_CONSOLE_SECRET_KEY": "s" * 50, "KEYWRIGHT_CONSOLE_DATABASE_URL": "sqlite://:memory:"}
    cases = [
        (f"{name}={what}", base | {name: value})
        for name in environment_variables()
        for what, value in values.items()
        if name not in STOP_THE_START and (ALL_VALUES or what == "trusted keys")
    ]
    everything = {
        "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": str(keys),
        "KEYWRIGHT_CONSOLE_LICENSE": foreign.decode(),
        "KEYWRIGHT_CONSOLE_LICENSE_FILE": str(license_file),
        "KEYWRIGHT_CLOCK_FILE": str(clock),
        "KEYWRIGHT_CONSOLE_PRODUCT": "demo",
        "KEYWRIGHT_DEMO": "1",
        "DJANGO_DEBUG": "1",
    }
    cases.append(("everything", base | everything))
    found = run(build, cases, [foreign.decode(), own.decode()])
    assert len(found) == len(cases)
    expected = [False, "unknown_key", "applied", True]  # ours is taken, so the refusal is no mistake of the build
    assert {name: said for name, said in found.items() if said != expected} == {}


def test_the_twin_that_is_no_build_for_customers_takes_what_its_settings_name(makers, build, tmp_path):
    _vendor, demo = makers
    shutil.rmtree(build / "keywright_console" / "pinned")
    environment = {
        "KEYWRIGHT_CONSOLE_DATABASE_URL": "sqlite://:memory:",
        "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": str(demo.publish(tmp_path / "demo-keys.json")),
        "KEYWRIGHT_CONSOLE_PRODUCT": PRODUCT,
    }
    assert run(build, [("demo", environment)], [demo.file(days=3000).decode()]) == {"demo": [False, "applied", True]}


def test_this_checkout_has_no_keys_built_in():
    assert not (SOURCE / "pinned").exists()
