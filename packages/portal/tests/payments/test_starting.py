"""What stops a start, by name, before anything is served."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SETTINGS = {
    "KEYWRIGHT_SECRET_KEY": "only-for-tests",
    "KEYWRIGHT_STRIPE_SECRET_KEY": "sk_test_x",
    "KEYWRIGHT_STRIPE_PUBLISHABLE_KEY": "pk_test_x",
    "KEYWRIGHT_STRIPE_WEBHOOK_SECRET": "whsec_x",
    "KEYWRIGHT_KEYS_PASSPHRASE": "only-for-tests",
}
SIMULATOR = "http://127.0.0.1:12111"


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """A fresh process that reads the settings, and nothing of this one's environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYWRIGHT_")}
    return subprocess.run(
        [sys.executable, "-c", "import keywright_portal.config.settings"],
        env={**clean, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refusal(**settings: str) -> str:
    process = start(**settings)
    assert process.returncode != 0
    return process.stderr.strip().splitlines()[-1]


def test_with_its_secrets_it_starts():
    process = start(**SETTINGS)
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("value", [None, ""])
def test_a_secret_that_is_missing_is_named(name, value):
    given = {**SETTINGS, name: value} if value is not None else {k: v for k, v in SETTINGS.items() if k != name}
    assert f"ConfigurationError: {name} is not set." in refusal(**given)


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
@pytest.mark.parametrize("url", [SIMULATOR, "http://localhost:12111", "http://[::1]:12111", "https://127.0.0.1"])
def test_a_live_key_never_goes_to_a_simulator(key, url):
    said = refusal(**{**SETTINGS, "KEYWRIGHT_STRIPE_SECRET_KEY": key, "KEYWRIGHT_STRIPE_API_URL": url})
    assert "KEYWRIGHT_STRIPE_SECRET_KEY is a live key" in said
    assert key not in said


def test_a_live_key_with_the_simulators_script_is_refused_too():
    """Cards typed into a simulator's page would be charged nowhere, and shown to whoever runs it."""
    said = refusal(
        **{**SETTINGS, "KEYWRIGHT_STRIPE_SECRET_KEY": "sk_live_x", "KEYWRIGHT_STRIPE_JS_URL": f"{SIMULATOR}/v3/"}
    )
    assert "KEYWRIGHT_STRIPE_JS_URL" in said


@pytest.mark.parametrize("settings", [{}, {"KEYWRIGHT_STRIPE_SECRET_KEY": "sk_live_x"}])
def test_a_live_key_at_stripe_and_a_test_key_at_the_simulator_start(settings):
    url = {} if settings else {"KEYWRIGHT_STRIPE_API_URL": SIMULATOR}
    assert start(**{**SETTINGS, **settings, **url}).returncode == 0


def test_plain_http_is_for_loopback_alone():
    said = refusal(**{**SETTINGS, "KEYWRIGHT_STRIPE_API_URL": "http://stripe.example"})
    assert "KEYWRIGHT_STRIPE_API_URL" in said


@pytest.mark.parametrize("name", ["KEYWRIGHT_DEMO_DIR", "KEYWRIGHT_CLOCK_FILE"])
def test_what_the_demo_may_do_is_refused_on_a_real_address(name, tmp_path):
    said = refusal(**{**SETTINGS, "KEYWRIGHT_PORTAL_URL": "https://portal.example", name: str(tmp_path / "x")})
    assert name in said


@pytest.mark.parametrize("name", ["KEYWRIGHT_SMTP_PORT", "KEYWRIGHT_WORKERS"])
@pytest.mark.parametrize("value", ["many", "-1", "1.5"])
def test_a_number_that_is_none_is_named(name, value):
    assert f"ConfigurationError: {name} is {value!r}" in refusal(**SETTINGS, **{name: value})


@pytest.mark.parametrize("secrets", ["whsec_x,", ",whsec_x", "whsec_x, ,whsec_y", ","])
def test_an_empty_webhook_secret_is_refused(secrets):
    """Anybody can sign with an empty secret."""
    said = refusal(**{**SETTINGS, "KEYWRIGHT_STRIPE_WEBHOOK_SECRET": secrets})
    assert "KEYWRIGHT_STRIPE_WEBHOOK_SECRET has an empty part" in said


PKCS11 = {
    "KEYWRIGHT_SIGNER": "pkcs11",
    "KEYWRIGHT_PKCS11_MODULE": "driver.so",
    "KEYWRIGHT_PKCS11_LABEL": "keywright",
    "KEYWRIGHT_PKCS11_PIN": "only-for-tests",
}


def test_with_keys_on_a_token_no_passphrase_is_asked_for():
    process = start(**{**SETTINGS, **PKCS11, "KEYWRIGHT_KEYS_PASSPHRASE": ""})
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("name", [name for name in PKCS11 if name != "KEYWRIGHT_SIGNER"])
def test_what_opens_the_token_is_asked_for_by_name(name):
    assert name in refusal(**{**SETTINGS, **PKCS11, name: ""})


def test_an_unknown_signer_is_refused_with_those_that_there_are():
    assert "KEYWRIGHT_SIGNER is 'files2'; it takes one of: files, pkcs11." in refusal(
        **SETTINGS, KEYWRIGHT_SIGNER="files2"
    )
