"""Private keys, their passphrase and the token's PIN are in no database, log, backup or traceback."""

from __future__ import annotations

import base64
import gc
import io
import logging
import traceback

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from keywright_license import keys
from keywright_portal.licensing import signing
from keywright_portal.licensing.errors import NoSigningKeyError
from keywright_portal.licensing.models import SigningKey
from keywright_portal.licensing.services.create_keys import create_keys
from keywright_portal.licensing.services.rotate_key import rotate_key
from keywright_portal.licensing.signing.encrypted_files import EncryptedFiles
from offline_root import ACTOR

pytestmark = pytest.mark.django_db
PASSPHRASE = "a-passphrase-that-nobody-else-says"
DAMAGED = b"damaged"


@pytest.fixture
def folder(settings, tmp_path):
    settings.KEYS_DIR, settings.KEYS_PASSPHRASE = tmp_path / "keys", PASSPHRASE
    signing.signer.cache_clear()
    yield settings.KEYS_DIR
    signing.signer.cache_clear()


@pytest.fixture
def everything_said(folder, catalog, issue, now, caplog):
    """The log and the database of an installation that made keys, rotated, and issued."""
    caplog.set_level(logging.DEBUG)
    create_keys(actor=ACTOR, now=now)
    rotate_key(algorithm="RS512", actor=ACTOR, now=now)
    issue()
    backup = io.StringIO()
    call_command("dumpdata", "--all", stdout=backup)
    return caplog.text + backup.getvalue()


def spellings(secret: bytes) -> list[str]:
    return [
        secret.hex(),
        repr(secret)[2:-1],
        base64.b64encode(secret).decode().rstrip("="),
        base64.urlsafe_b64encode(secret).decode().rstrip("="),
        str(int.from_bytes(secret, "big")),
    ]


def private_parts(folder):
    """What must be nowhere, in each way to write it down."""
    found = []
    for file in folder.glob("*.pem"):
        if file.read_bytes() == DAMAGED:
            continue
        key = keys.private_key_from_pem(file.read_bytes(), passphrase=PASSPHRASE.encode())
        if hasattr(key, "private_numbers"):
            numbers = key.private_numbers()
            parts = [numbers.d, numbers.p, numbers.q]
            found += [text for part in parts for text in spellings(part.to_bytes((part.bit_length() + 7) // 8, "big"))]
        else:
            found += spellings(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    assert len(found) >= 5 * (2 + 3)
    return [*found, PASSPHRASE, "PRIVATE KEY"]


def test_database_backup_and_log_hold_no_private_part(everything_said, folder):
    assert SigningKey.objects.count() == 3
    assert [part for part in private_parts(folder) if part in everything_said] == []
    assert SigningKey.objects.get(state="waiting").kid in everything_said


def test_the_databases_own_bytes_hold_none(everything_said, folder):
    texts = private_parts(folder)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = repr(cursor.fetchall())
            assert [part for part in texts if part in rows] == [], table


@pytest.fixture
def failed(folder, now):
    """What is raised when a key can't be opened, from where it happens."""
    create_keys(actor=ACTOR, now=now)
    kid = SigningKey.objects.get(algorithm="Ed25519").kid
    store = EncryptedFiles(directory=folder, passphrase=PASSPHRASE)
    store.sign(kid, b"data")
    (folder / f"{kid}.pem").rename(folder / "other.pem")
    (folder / f"{kid}.pem").write_bytes(DAMAGED)
    with pytest.raises(NoSigningKeyError) as refused:
        EncryptedFiles(directory=folder, passphrase=PASSPHRASE).sign(kid, b"data")
    return refused.value


def test_a_traceback_with_every_local_holds_none(failed, folder):
    told = "".join(traceback.TracebackException.from_exception(failed, capture_locals=True).format())
    assert "_load" in told
    assert "damaged" in told
    assert (failed.__cause__, failed.__context__) == (None, None)
    assert [part for part in private_parts(folder) if part in told] == []


def test_djangos_report_of_an_error_holds_none(failed, folder):
    reporter = ExceptionReporter(RequestFactory().get("/"), type(failed), failed, failed.__traceback__)
    for told in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert "can’t be opened" in told
        assert [part for part in private_parts(folder)[:-1] if part in told] == []


def test_django_hides_passphrase_and_pin_in_its_reports():
    shown = SafeExceptionReporterFilter().get_safe_settings()
    hidden = SafeExceptionReporterFilter.cleansed_substitute
    assert {name: shown[name] for name in ("KEYS_PASSPHRASE", "PKCS11_PIN_SECRET", "SECRET_KEY")} == dict.fromkeys(
        ("KEYS_PASSPHRASE", "PKCS11_PIN_SECRET", "SECRET_KEY"), hidden
    )


def test_what_keeps_keys_tells_nothing_of_itself(folder, now):
    create_keys(actor=ACTOR, now=now)
    store = signing.signer()
    store.sign(SigningKey.objects.get(algorithm="Ed25519").kid, b"data")
    told = repr(store) + str(store) + repr([one for one in gc.get_referents(store) if isinstance(one, type)])
    assert [part for part in private_parts(folder) if part in told] == []
