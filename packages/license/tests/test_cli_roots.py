"""The whole way of a vendor's keys on the command line: root, certificate, license, revocation."""

import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from forge import NOW, OLDER_ID, PRODUCT, make_license, seconds
from keywright_license import (
    KeySigner,
    TrustedKeys,
    generate_ed25519,
    generate_rsa,
    private_key_from_pem,
    private_key_to_pem,
    public_key_to_pem,
    sign_keywright,
    thumbprint,
    verify,
)
from keywright_license.cli import given, main
from keywright_license.revocations import read_bundle

PASSPHRASE = "a long enough passphrase"
ISO_NOW = "2026-11-24T06:00:00Z"
UNTIL = "2028-11-24"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("passphrase").write_text(f"{PASSPHRASE}\nnot this line\n")
    return tmp_path


@pytest.fixture
def run(capsys):
    """What the command printed, which went well."""

    def command(*arguments):
        code = main(list(map(str, arguments)))
        printed = capsys.readouterr()
        assert (code, printed.err) == (0, "")
        assert PASSPHRASE not in printed.out
        return json.loads(printed.out)

    return command


@pytest.fixture
def misuse(capsys):
    def command(*arguments):
        try:
            code = main(list(map(str, arguments)))
        except SystemExit as exit_:
            code = exit_.code
        printed = capsys.readouterr()
        assert (code, printed.out) == (2, "")
        return printed.err

    return command


@pytest.fixture
def root(folder, run):
    return run("root", "create", "root.pem", "--passphrase-file", "passphrase")


@pytest.fixture
def issuing(root):
    key = generate_ed25519()
    Path("issuing.pub").write_bytes(public_key_to_pem(key.public_key()))
    Path("issuing.pem").write_bytes(private_key_to_pem(key, passphrase=PASSPHRASE.encode()))
    return key


def certify(run, *more):
    fixed = ("--root", "root.pem", "--passphrase-file", "passphrase", "--now", ISO_NOW, "--out", "certificate")
    return run("root", "certify", "issuing.pub", *fixed, *more)


def draft(**changes):
    said = {"iss": "Example Software", "aud": PRODUCT, "seq": 4, "licenses": [], "keys": []} | changes
    Path("draft.json").write_text(json.dumps(said))


def test_a_root_key_is_encrypted_and_only_its_owners(root):
    pem = Path("root.pem").read_bytes()
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert stat.S_IMODE(Path("root.pem").stat().st_mode) == 0o600
    key = private_key_from_pem(pem, passphrase=PASSPHRASE.encode())
    assert root == {
        "private_key": "root.pem",
        "public_key": "root.pem.pub",
        "kid": thumbprint(key.public_key()),
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": root["jwk"]["x"]},
    }
    assert TrustedKeys.from_pem(Path("root.pem.pub").read_bytes()).roots == (key.public_key(),)


def test_two_root_keys_differ(run, root):
    assert run("root", "create", "other.pem", "--passphrase-file", "passphrase")["kid"] != root["kid"]


def test_what_a_certified_key_signs_verifies_with_the_roots_public_file(run, root, issuing):
    said = certify(run, "--until", UNTIL, "--product", PRODUCT, "--longest-term", "400", "--from", "2026-11-01")
    assert said == {
        "certificate": "certificate",
        "kid": thumbprint(issuing.public_key()),
        "root_kid": root["kid"],
        "product": PRODUCT,
        "valid_from": "2026-11-01T00:00:00Z",
        "valid_until": "2028-11-24T00:00:00Z",
        "longest_term_days": 400.0,
    }
    certificate = Path("certificate").read_text().rstrip("\n")
    signer = KeySigner(issuing)
    data = sign_keywright(make_license(), signer=signer, kid=said["kid"], certificate=certificate)
    keys = TrustedKeys.from_pem(Path("root.pem.pub").read_bytes())
    assert verify(data, keys=keys, product=PRODUCT, now=NOW).seats == 50
    Path("license").write_bytes(data)
    shown = run("verify", "license", "--key", "root.pem.pub", "--now", ISO_NOW)
    assert shown["accepted"] is True


def test_a_certificate_has_no_limits_but_its_end_where_none_are_given(run, root, issuing):
    said = certify(run, "--until", UNTIL)
    assert (said["product"], said["longest_term_days"], said["valid_from"]) == (None, None, ISO_NOW)


def test_what_was_made_can_be_shown(run, root, issuing):
    certificate = certify(run, "--until", UNTIL, "--from", "2026-11-01")
    of_key = {"kid": root["kid"], "jwk": root["jwk"]}
    assert run("root", "show", "root.pem", "--passphrase-file", "passphrase") == {"kind": "private key", **of_key}
    assert run("root", "show", "root.pem.pub") == {"kind": "public keys", "keys": [of_key]}
    del certificate["certificate"]
    assert run("root", "show", "certificate") == {"kind": "certificate", **certificate}
    Path("set.json").write_text(TrustedKeys.from_pem(Path("root.pem.pub").read_bytes()).to_jwks())
    assert run("root", "show", "set.json") == {"kind": "public keys", "keys": [of_key]}
    signed = sign_keywright(
        make_license(),
        signer=KeySigner(issuing),
        kid=certificate["kid"],
        certificate=Path("certificate").read_text().strip(),
    )
    Path("license").write_bytes(signed)
    assert run("root", "show", "license") == {"kind": "certificate", **certificate}


def test_nothing_is_written_over(run, misuse, root, issuing):
    before = Path("root.pem").read_bytes()
    assert "is there already" in misuse("root", "create", "root.pem", "--passphrase-file", "passphrase")
    Path("root.pem").rename("elsewhere.pem")
    assert "root.pem.pub is there already" in misuse("root", "create", "root.pem", "--passphrase-file", "passphrase")
    assert not Path("root.pem").exists()
    Path("elsewhere.pem").rename("root.pem")
    assert Path("root.pem").read_bytes() == before
    certify(run, "--until", UNTIL)
    assert "certificate is there already" in misuse(
        "root", "certify", "issuing.pub", "--root", "root.pem", "--passphrase-file", "passphrase",
        "--until", UNTIL, "--out", "certificate",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--until", "2026-11-24T06:00:00Z"), "ends before it begins"),
        (("--until", UNTIL, "--longest-term", "0"), "max_term"),
        (("--until", UNTIL, "--longest-term", "9" * 18), "too long"),
        (("--until", "9999-06-01"), "before the year 9999"),
        (("--until", UNTIL, "--product", ""), "aud wrongly"),
        ((), "--until"),
        (("--until", "some day"), "no time in ISO 8601"),
    ],
)
def test_limits_that_cannot_be_are_told_and_nothing_is_written(misuse, root, issuing, more, words):
    fixed = ("--root", "root.pem", "--passphrase-file", "passphrase", "--now", ISO_NOW, "--out", "certificate")
    assert words in misuse("root", "certify", "issuing.pub", *fixed, *more)
    assert not Path("certificate").exists()


def test_keys_that_cannot_be_certified_are_told(misuse, root, issuing):
    fixed = ("--root", "root.pem", "--passphrase-file", "passphrase", "--until", UNTIL, "--out", "certificate")
    assert "the root key itself" in misuse("root", "certify", "root.pem.pub", *fixed)
    assert "keep this one secret" in misuse("root", "certify", "issuing.pem", *fixed)
    Path("rsa.pub").write_bytes(public_key_to_pem(generate_rsa().public_key()))
    assert "holds 0 Ed25519 keys" in misuse("root", "certify", "rsa.pub", *fixed)
    Path("two").write_bytes(Path("root.pem.pub").read_bytes() + Path("issuing.pub").read_bytes())
    assert "holds 2 Ed25519 keys" in misuse("root", "certify", "two", *fixed)
    assert not Path("certificate").exists()


def test_a_passphrase_that_is_wrong_or_short_is_told(misuse, root, issuing):
    Path("wrong").write_text("another passphrase\n")
    Path("short").write_text("12345678901\n")
    assert "check the file and its passphrase" in misuse("root", "show", "root.pem", "--passphrase-file", "wrong")
    assert "at least 12 characters" in misuse("root", "create", "new.pem", "--passphrase-file", "short")
    assert not Path("new.pem").exists()
    assert "missing cannot be used" in misuse("root", "show", "root.pem", "--passphrase-file", "missing")


def test_the_passphrase_is_asked_for_on_a_terminal_alone(run, misuse, folder, monkeypatch):
    assert "Give --passphrase-file" in misuse("root", "create", "new.pem")
    monkeypatch.setattr(given.sys.stdin, "isatty", lambda: True, raising=False)
    answers = iter([PASSPHRASE, "something else, as long", PASSPHRASE, PASSPHRASE])
    monkeypatch.setattr(given.getpass, "getpass", lambda _prompt: next(answers))
    assert "differ" in misuse("root", "create", "new.pem")
    assert not Path("new.pem").exists()
    kid = run("root", "create", "new.pem")["kid"]
    assert run("root", "show", "new.pem", "--passphrase-file", "passphrase")["kid"] == kid


def test_an_end_of_input_in_place_of_a_passphrase_is_told(misuse, folder, monkeypatch):
    def gone(_prompt):
        raise EOFError

    monkeypatch.setattr(given.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(given.getpass, "getpass", gone)
    assert "No passphrase was given" in misuse("root", "create", "new.pem")


@pytest.mark.parametrize("data", [b"", b"x", b"a.b.c", b"\xff.\xfe", b"-----BEGIN PUBLIC KEY-----\nx\n"])
def test_what_is_neither_key_nor_certificate_is_told(misuse, folder, data):
    Path("odd").write_bytes(data)
    assert "odd" in misuse("root", "show", "odd")


def test_a_root_signs_a_bundle_that_revokes_licenses_and_keys(run, root, issuing):
    kid = thumbprint(issuing.public_key())
    revoked = {"jti": OLDER_ID, "at": seconds(NOW - timedelta(days=1)), "reason": "refunded"}
    draft(licenses=[revoked], keys=[{"kid": kid, "at": seconds(NOW)}])
    fixed = ("--out", "bundle", "--now", ISO_NOW, "--passphrase-file", "passphrase")
    said = run("bundle", "sign", "draft.json", "--root", "root.pem", *fixed)
    shown = {
        "issuer": "Example Software",
        "product": PRODUCT,
        "issued_at": ISO_NOW,
        "seq": 4,
        "signed_by_root": True,
        "revoked_licenses": [{"id": OLDER_ID, "at": "2026-11-23T06:00:00Z", "reason": "refunded"}],
        "revoked_keys": [{"kid": kid, "at": ISO_NOW}],
    }
    assert said == {"bundle": "bundle", **shown}
    assert run("bundle", "show", "bundle", "--key", "root.pem.pub", "--product", PRODUCT) == {
        "accepted": True,
        "code": None,
        "message": "The bundle is genuine: number 4 revokes 1 licenses and 1 keys.",
        "bundle": shown,
    }
    keys = TrustedKeys.from_pem(Path("root.pem.pub").read_bytes())
    bundle = read_bundle(Path("bundle").read_bytes(), keys=keys, product=PRODUCT, now=NOW, newest=None)
    assert bundle.reason_of(OLDER_ID) == "refunded"


def test_an_issuing_key_signs_a_bundle_with_its_certificate(run, misuse, root, issuing):
    certify(run, "--until", UNTIL)
    draft()
    by_issuing_key = ("--key", "issuing.pem", "--certificate", "certificate", "--passphrase-file", "passphrase")
    run("bundle", "sign", "draft.json", *by_issuing_key, "--out", "bundle", "--now", ISO_NOW)
    said = run("bundle", "show", "bundle", "--key", "root.pem.pub", "--newest", "4", "--newest-by-root", "9")
    assert said["bundle"]["signed_by_root"] is False
    draft(keys=[{"kid": root["kid"], "at": 0}])
    assert "Only a root key revokes keys" in misuse("bundle", "sign", "draft.json", *by_issuing_key, "--out", "b2")


def test_a_bundle_that_is_refused_exits_1(capsys, run, root):
    draft()
    run("bundle", "sign", "draft.json", "--root", "root.pem", "--out", "bundle", "--passphrase-file", "passphrase")
    for more, code in (
        (("--newest-by-root", "5"), "stale_bundle"),
        (("--newest", "1", "--newest-by-root", "5"), "stale_bundle"),
        (("--product", "messaging-edition"), "wrong_product"),
    ):
        assert main(["bundle", "show", "bundle", "--key", "root.pem.pub", *more]) == 1
        said = json.loads(capsys.readouterr().out)
        assert (said["accepted"], said["code"], said["bundle"]) == (False, code, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not JSON", "cannot be signed"),
        ('{"iss": "x"}', "it is missing"),
        ('{"iss": "x", "seq": 1, "licenses": [], "keys": [], "iat": 5}', "a draft doesn't hold it"),
        ('{"iss": "x", "seq": 1, "licenses": [{"jti": "1"}], "keys": []}', "licenses.jti"),
    ],
)
def test_a_draft_that_is_wrong_is_told(misuse, root, text, words):
    Path("draft.json").write_text(text)
    said = misuse("bundle", "sign", "draft.json", "--root", "root.pem", "--out", "b", "--passphrase-file", "passphrase")
    assert words in said
    assert not Path("b").exists()


@pytest.mark.parametrize(
    "with_keys",
    [(), ("--root", "root.pem", "--key", "issuing.pem"), ("--key", "issuing.pem"), ("--certificate", "certificate"),
     ("--root", "root.pem", "--certificate", "certificate")],
)  # fmt: skip
def test_one_key_signs_a_bundle(misuse, root, issuing, with_keys):
    draft()
    assert "Give either --root" in misuse("bundle", "sign", "draft.json", "--out", "bundle", *with_keys)


def test_the_commands_make_keys_where_there_is_no_network(folder):
    """In a process whose sockets are gone; that none is imported is told apart from what `cryptography` brings."""
    code = (
        "import sys; sys.modules['socket'] = sys.modules['ssl'] = None\n"
        "from keywright_license.cli import main\n"
        "sys.exit(main(['root', 'create', 'root.pem', '--passphrase-file', 'passphrase']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["private_key"] == "root.pem"


def test_a_group_alone_is_misuse(misuse):
    for group in ("root", "bundle"):
        assert "required" in misuse(group)
