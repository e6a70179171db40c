from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest


def test_help_lists_every_command_and_needs_no_django(empty_installation):
    code = (
        "import sys; from keywright_portal.cli import main\n"
        "try: main(['--help'])\n"
        "finally: sys.exit('django is loaded' if 'django' in sys.modules else 0)"
    )
    shown = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=False)

    commands = [line.split()[0] for line in shown.stdout.partition("Commands:")[2].strip().splitlines()]
    assert (shown.returncode, shown.stderr) == (0, "")
    assert commands == [
        "catalog",
        "collect-static",
        "keys",
        "license",
        "migrate",
        "serve",
        "staff",
        "support",
        "worker",
    ]


def test_help_of_a_command_needs_no_settings(empty_installation):
    bare = replace(empty_installation, variables={"KEYWRIGHT_SECRET_KEY": ""})

    shown = bare.run("catalog", "apply", "--help")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Make what is sold what FILE says." in shown.stdout


def test_the_version_is_the_packages(keywright):
    assert keywright("--version").output == "keywright, version 0.1.0\n"


@pytest.mark.parametrize(
    "arguments",
    [["cat"], ["catalog", "delete"], ["catalog", "apply"], ["serve", "--port", "0"], ["serve", "--workers", "many"]],
)
def test_misuse_exits_2(keywright, arguments):
    result = keywright(*arguments)

    assert result.exit_code == 2
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"KEYWRIGHT_SECRET_KEY": ""},
            (
                "configuration: KEYWRIGHT_SECRET_KEY is not set. Set it in the environment and start again; "
                "see docs/settings.md.\n"
            ),
        ),
        (
            {"KEYWRIGHT_STATIC_FROM_PACKAGES": "yes"},
            "configuration: KEYWRIGHT_STATIC_FROM_PACKAGES is 'yes'; it takes 1 (on) or 0 (off).\n",
        ),
    ],
)
def test_a_wrong_setting_is_named(empty_installation, variables, sentence):
    shown = replace(empty_installation, variables=variables).run("catalog", "show")

    assert (shown.returncode, shown.stdout, shown.stderr) == (1, "", sentence)


def test_a_database_address_that_is_none_is_refused(empty_installation):
    shown = replace(empty_installation, variables={"KEYWRIGHT_DATABASE_URL": "nonsense://x"}).run("catalog", "show")

    assert shown.returncode == 1
    assert shown.stderr.startswith("configuration: ")
    assert "Traceback" not in shown.stderr


def test_an_empty_database_is_told_to_be_migrated(empty_installation):
    shown = empty_installation.run("catalog", "show")

    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("database: ")
    assert shown.stderr.endswith("Check KEYWRIGHT_DATABASE_URL, and whether keywright migrate was run.\n")
    assert shown.stderr.count("\n") == 1
