from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

import pytest
from django.core import serializers
from django.db import IntegrityError, transaction

from keywright_license import keys
from keywright_license.errors import KeyFormatError
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing import signing
from keywright_portal.licensing.errors import KeysExistError, NoSigningKeyError
from keywright_portal.licensing.models import RootKey, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.create_keys import create_keys
from keywright_portal.licensing.signing.encrypted_files import EncryptedFiles

pytestmark = pytest.mark.django_db
PASSPHRASE = "only-for-tests"


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.KEYS_DIR = tmp_path / "deep" / "keys"
    signing.signer.cache_clear()
    yield settings.KEYS_DIR
    signing.signer.cache_clear()


@pytest.fixture
def made(folder, now, caplog):
    caplog.set_level(logging.DEBUG)
    return create_keys(actor=system("test"), now=now)


def test_one_root_and_a_key_for_each_algorithm(made):
    assert [key.kid for key in RootKey.objects.all()] == [made.root_kid]
    assert sorted((key.algorithm, key.state) for key in SigningKey.objects.all()) == [
        ("Ed25519", "active"),
        ("RS512", "active"),
    ]
    assert sorted(made.signing_kids) == sorted(key.kid for key in SigningKey.objects.all())
    assert AuditEntry.objects.filter(action="key.created").count() == 3


def test_keys_are_made_once(made, folder, now):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(KeysExistError):
        create_keys(actor=system("test"), now=now)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert (RootKey.objects.count(), SigningKey.objects.count()) == (1, 2)


def test_private_keys_are_encrypted_files_for_their_owner_alone(made, folder):
    files = sorted(folder.iterdir())
    assert sorted(file.name for file in files) == sorted(
        [f"root-{made.root_kid}.pem", *(f"{kid}.pem" for kid in made.signing_kids)]
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_bytes().startswith(b"-----BEGIN ENCRYPTED " + b"PRIVATE KEY-----")
        keys.private_key_from_pem(file.read_bytes(), passphrase=PASSPHRASE.encode())
        with pytest.raises(KeyFormatError):
            keys.private_key_from_pem(file.read_bytes(), passphrase=b"another")


def test_the_files_mode_does_not_hang_on_the_umask(folder):
    old = os.umask(0)
    try:
        file = EncryptedFiles(directory=folder, passphrase="x").store(name="k", key=keys.generate_ed25519())
    finally:
        os.umask(old)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)


def test_no_private_part_is_in_the_database_the_log_or_the_published_keys(made, folder, caplog):
    rows = serializers.serialize("json", [*RootKey.objects.all(), *SigningKey.objects.all(), *AuditEntry.objects.all()])
    published = trusted_keys_jwks()
    for jwk in json.loads(published)["keys"]:
        assert set(jwk) <= {"kty", "crv", "x", "n", "e", "kid", "use", "alg"}
    for text in (rows, published, caplog.text):
        assert "PRIVATE" not in text
        assert PASSPHRASE not in text
    for key in (*RootKey.objects.all(), *SigningKey.objects.all()):
        assert "d" not in key.public_jwk


def test_a_products_keys_are_the_roots_and_the_field_formats(made):
    rsa = SigningKey.objects.get(algorithm="RS512")
    assert {jwk["kid"] for jwk in json.loads(trusted_keys_jwks())["keys"]} == {made.root_kid, rsa.kid}
    SigningKey.objects.filter(pk=rsa.pk).update(state="retired")
    assert {jwk["kid"] for jwk in json.loads(trusted_keys_jwks())["keys"]} == {made.root_kid, rsa.kid}
    SigningKey.objects.filter(pk=rsa.pk).update(state="revoked")
    assert {jwk["kid"] for jwk in json.loads(trusted_keys_jwks())["keys"]} == {made.root_kid}


def test_one_key_an_algorithm_is_active(made, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(kid="another", algorithm="RS512", public_jwk={}, created_at=now)


# ---- Signing with them -----------------------------------------------------------------------------------------------


def test_a_stored_key_signs(folder):
    key = keys.generate_ed25519()
    store = EncryptedFiles(directory=folder, passphrase=PASSPHRASE)
    kid = keys.thumbprint(key.public_key())
    store.store(name=kid, key=key)
    key.public_key().verify(store.sign(kid, b"data"), b"data")


def test_nothing_is_overwritten(folder):
    store = EncryptedFiles(directory=folder, passphrase=PASSPHRASE)
    file = store.store(name="kid", key=keys.generate_ed25519())
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        store.store(name="kid", key=keys.generate_ed25519())
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["KEYWRIGHT_KEYS_DIR", "KEYWRIGHT_KEYS_PASSPHRASE"])
def test_a_key_that_is_away_or_does_not_open_says_which_setting_to_look_at(folder, name):
    EncryptedFiles(directory=folder, passphrase=PASSPHRASE).store(name="kid", key=keys.generate_ed25519())
    kid, passphrase = ("other", PASSPHRASE) if name == "KEYWRIGHT_KEYS_DIR" else ("kid", "wrong")
    with pytest.raises(NoSigningKeyError, match=name):
        EncryptedFiles(directory=folder, passphrase=passphrase).sign(kid, b"data")
