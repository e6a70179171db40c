"""keywright keys: what comes after the first keys."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from keywright_license import keys
from keywright_license.cli import main as license_program
from keywright_portal.kit import clock
from keywright_portal.licensing.models import RevocationBundle, RootKey, SigningKey
from offline_root import OfflineRoot

PASSPHRASE = "correct horse"


@pytest.fixture
def now():
    """The commands read the clock."""
    return clock.now()


@pytest.fixture
def root(signing_keys, now):
    return OfflineRoot().imported(now=now)


@pytest.fixture
def first(signing_keys):
    return SigningKey.objects.get(algorithm="Ed25519").kid


@pytest.fixture
def waiting(first, keywright, tmp_path):
    """A key that keywright keys rotate made."""
    result = keywright("keys", "rotate", "--out", str(tmp_path / "next.pub"))
    assert result.exit_code == 0
    return SigningKey.objects.get(state="waiting")


def state(kid):
    return SigningKey.objects.get(pk=kid).state


def test_rotate_writes_the_public_key_and_says_what_comes_next(keywright, signing_keys, waiting, tmp_path):
    file = tmp_path / "next.pub"
    (public,) = keys.public_keys_from_pem(file.read_bytes())
    assert keys.thumbprint(public) == waiting.kid
    again = keywright("keys", "rotate", "--out", str(file))
    assert (again.exit_code, again.stderr.split(":")[0]) == (1, "out_file")
    assert SigningKey.objects.filter(state="waiting").count() == 1


def test_rotate_rsa_says_that_products_must_know_it(keywright, signing_keys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = keywright("keys", "rotate", "--algorithm", "rsa")
    kid = SigningKey.objects.get(state="waiting").kid
    assert result.output.splitlines() == [
        f"Key {kid} waits. Its public key is in key-{kid}.pub.",
        "Release it with the product, which pins what keywright keys show prints. When the servers have that:",
        f"  keywright keys activate {kid}",
    ]
    assert (tmp_path / f"key-{kid}.pub").exists()
    assert keywright("keys", "activate", kid).output == f"Key {kid} signs from now on.\n"


@pytest.mark.parametrize(
    "kid", ["-2pl7kGPtnCT0loPtIqhXblY9ODIiHSqdMWvIxyVimM", "--yes7kGPtnCT0loPtIqhXblY9ODIiHSqdMWvIxyVim"]
)
@pytest.mark.parametrize(
    ("command", "after"),
    [("activate", "active"), ("retire", "retired"), ("revoke", "revoked")],
)
def test_a_key_whose_name_begins_with_a_hyphen_is_no_option(keywright, waiting, command, after, kid):
    SigningKey.objects.filter(pk=waiting.kid).update(kid=kid)
    result = keywright("keys", command, kid, stdin="y\n")
    if command == "activate":  # it has no certificate yet; the answer names the key
        assert result.exit_code == 1
        assert kid in result.stderr
    else:
        assert result.exit_code == 0, result.stderr
        assert state(kid) == after


def test_a_key_after_two_hyphens_is_taken_as_any_command_takes_it(keywright, waiting):
    assert keywright("keys", "retire", "--", waiting.kid).exit_code == 0
    assert state(waiting.kid) == "retired"


def test_a_mistyped_option_is_still_refused(keywright, signing_keys, first):
    result = keywright("keys", "revoke", first, "--yess")
    assert result.exit_code == 2
    assert "--yess" in result.stderr
    assert state(first) == "active"


def test_a_ceremony_with_both_programs_from_root_to_license(keywright, db, settings, tmp_path, monkeypatch):
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    passphrase = ["--passphrase-file", "passphrase"]
    assert license_program(["root", "create", "root.pem", *passphrase]) == 0
    assert "is pinned by" in keywright("keys", "import", "root.pem.pub").output
    assert keywright("keys", "rotate", "--out", "next.pub").exit_code == 0
    until = (clock.now() + timedelta(days=700)).strftime("%Y-%m-%dT00:00:00Z")
    certify = ["root", "certify", "next.pub", "--root", "root.pem", "--until", until, "--longest-term", "400"]
    assert license_program([*certify, "--out", "certificate", *passphrase]) == 0
    result = keywright("keys", "certify", "certificate")
    key = SigningKey.objects.get()
    assert (key.state, key.longest_term, key.root_kid) == ("active", 400 * 86_400, RootKey.objects.get().kid)
    assert result.output.splitlines()[0].startswith(f"Key {key.kid} may sign for every product from ")
    assert result.output.splitlines()[1] == f"Key {key.kid} signs from now on."


def test_certify_can_keep_it_waiting(keywright, root, waiting, first, tmp_path):
    file = tmp_path / "certificate"
    file.write_text(root.certify(waiting.public_jwk, now=clock.now()) + "\n")
    result = keywright("keys", "certify", "--keep-waiting", str(file))
    assert result.output.splitlines()[-1] == f"Key {waiting.kid} waits: keywright keys activate."
    assert (state(waiting.kid), state(first)) == ("waiting", "active")
    assert keywright("keys", "activate", waiting.kid).exit_code == 0
    assert (state(waiting.kid), state(first)) == ("active", "retired")


def test_what_is_no_certificate_is_refused_with_a_sentence(keywright, signing_keys, tmp_path):
    file = tmp_path / "certificate"
    for content in (b"nonsense", "ä".encode()):
        file.write_bytes(content)
        result = keywright("keys", "certify", str(file))
        assert (result.exit_code, result.stderr.split(":")[0]) == (1, "certificate_refused")


def test_retire_and_revoke_ask_before_the_key_that_signs_goes(keywright, first):
    for command in (["retire"], ["revoke", "--yes"]):
        result = keywright("keys", *command, first)
        assert (result.exit_code, result.stderr.split(":")[0], state(first)) == (1, "key_state", "active")
    assert keywright("keys", "revoke", "--even-if-active", first, stdin="n\n").exit_code == 1
    assert state(first) == "active"
    assert keywright("keys", "retire", "--even-if-active", first).output == f"Key {first} signs no more.\n"
    result = keywright("keys", "revoke", first, stdin="y\n")
    assert result.exit_code == 0
    assert state(first) == "revoked"
    assert "keywright keys draft-bundle" in result.output


def test_a_root_is_revoked_by_the_same_command(keywright, root):
    assert keywright("keys", "revoke", "--yes", root.kid).output.startswith(f"Root key {root.kid} is revoked.")
    assert RootKey.objects.get(pk=root.kid).revoked_at is not None


def test_a_bundle_goes_to_the_root_and_comes_back(keywright, root, first, catalog, tmp_path):
    now = clock.now()
    root.next_key(now=now)
    keywright("keys", "revoke", "--yes", first)
    draft, bundle = tmp_path / "draft.json", tmp_path / "bundle"
    assert "keywright-license bundle sign" in keywright("keys", "draft-bundle", "--out", str(draft)).output
    assert [one["kid"] for one in json.loads(draft.read_text())["keys"]] == [first]
    assert json.loads(keywright("keys", "draft-bundle").output) == json.loads(draft.read_text())
    bundle.write_bytes(root.sign(draft.read_text(), now=now))
    result = keywright("keys", "import", str(bundle))
    assert result.output == "Revocation bundle 1 is handed out now. It revokes 1 keys.\n"
    assert RevocationBundle.objects.get().kid == root.kid
    bundle.write_bytes(b"a.b.c")
    refused = keywright("keys", "import", str(bundle))
    assert (refused.exit_code, refused.stderr.split(":")[0]) == (1, "bundle_refused")


def test_publish_says_what_there_is(keywright, signing_keys, catalog):
    result = keywright("keys", "publish")
    assert result.exit_code == 0
    assert "enterprise-edition: nothing was ever revoked, and there is no bundle." in result.output


def test_list_shows_every_key_with_its_state(keywright, root, first, waiting, settings):
    rsa = SigningKey.objects.get(algorithm="RS512").kid
    (settings.KEYS_DIR / f"{rsa}.pem").unlink()
    told = json.loads(keywright("keys", "list", "--json").output)
    assert {(one["kid"], one["state"], one["is_here"]) for one in told["keys"]} == {
        (first, "active", True),
        (rsa, "active", False),
        (waiting.kid, "waiting", True),
    }
    assert {one["kid"] for one in told["roots"]} == set(RootKey.objects.values_list("kid", flat=True))
    lines = keywright("keys", "list").output.splitlines()
    assert lines[0].split() == ["KEY", "KIND", "STATE", "PRODUCT", "UNTIL", "(UTC)", "PRIVATE", "KEY"]
    assert next(line for line in lines if rsa in line).split()[1:] == [
        "RS512",
        "active",
        "any",
        "no",
        "end",
        "not",
        "here",
    ]
    assert next(line for line in lines if root.kid in line).split()[1:] == ["root", "active", "offline"]


def test_without_keys_list_says_how_to_make_them(keywright, db):
    assert keywright("keys", "list").output == (
        "There are no keys yet. Make them: keywright keys create, or see docs/keys.md.\n"
    )
