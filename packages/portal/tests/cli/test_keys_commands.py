from __future__ import annotations

import json

import pytest

from keywright_portal.licensing import signing
from keywright_portal.licensing.models import RootKey, SigningKey


@pytest.fixture
def keys_folder(db, settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"
    signing.signer.cache_clear()
    yield settings.KEYS_DIR
    signing.signer.cache_clear()


def test_create_makes_keys_once(keywright, keys_folder):
    first, second = keywright("keys", "create"), keywright("keys", "create")

    root = RootKey.objects.get().kid
    assert first.exit_code == 0
    assert first.output.splitlines()[0] == f"Root key {root}"
    assert {line for line in first.output.splitlines() if line.startswith("Signing key ")} == {
        f"Signing key {kid}" for kid in SigningKey.objects.values_list("kid", flat=True)
    }
    assert f"The root’s private key is in {keys_folder / f'root-{root}.pem'}, encrypted" in first.output
    assert (second.exit_code, second.stdout) == (1, "")
    assert second.stderr.startswith("keys_exist: ")


def test_the_roots_private_key_leaves_the_portal_on_request(keywright, keys_folder, tmp_path):
    target = tmp_path / "root.pem"

    result = keywright("keys", "create", "--root-out", str(target))

    assert result.exit_code == 0
    assert target.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert target.stat().st_mode & 0o777 == 0o600
    assert not list(keys_folder.glob("root-*"))
    assert f"is in {target}, encrypted" in result.output


def test_a_root_that_has_nowhere_to_go_is_not_made(keywright, keys_folder, tmp_path):
    there = tmp_path / "there.pem"
    there.write_text("something")

    for target, reason in ((there, "exists already"), (tmp_path / "none" / "root.pem", "can’t be written")):
        result = keywright("keys", "create", "--root-out", str(target))
        assert result.exit_code == 1
        assert result.stderr.startswith(f"root_file: {target} {reason}")

    assert there.read_text() == "something"
    assert (RootKey.objects.count(), keys_folder.exists()) == (0, False)


def test_where_there_are_keys_no_empty_file_is_left_behind(keywright, keys_folder, tmp_path):
    keywright("keys", "create")

    result = keywright("keys", "create", "--root-out", str(tmp_path / "root.pem"))

    assert (result.exit_code, (tmp_path / "root.pem").exists()) == (1, False)


def test_show_prints_what_products_pin(keywright, keys_folder):
    keywright("keys", "create")

    result = keywright("keys", "show")

    shown = json.loads(result.output)["keys"]
    assert [(key["kty"], key["kid"]) for key in shown] == [
        ("OKP", RootKey.objects.get().kid),
        ("RSA", SigningKey.objects.get(algorithm="RS512").kid),
    ]
    assert not {"d", "p", "q"} & set().union(*shown)
