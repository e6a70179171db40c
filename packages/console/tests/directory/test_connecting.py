from dataclasses import replace

import pytest

from keywright_console.directory import connecting
from keywright_console.directory.errors import BindRefusedError, UnreachableError, UntrustedError
from slapd import READER_DN, READER_PASSWORD, Certificates, free_port, running


def connects(row):
    with connecting.connection(row) as link:
        return link.bound, link.tls_started or link.server.ssl


@pytest.mark.parametrize(("security", "port"), [("ldaps", "tls_port"), ("starttls", "port")])
def test_encrypted_both_ways(slapd, values, settings_of, security, port):
    row = settings_of(replace(values, security=security, port=getattr(slapd, port)))
    assert connects(row) == (True, True)


def test_without_encryption_on_this_machine(slapd, values, settings_of):
    row = settings_of(replace(values, security="plain", host="127.0.0.1", port=slapd.port))
    assert connects(row) == (True, False)


@pytest.fixture
def stranger(tmp_path):
    return Certificates(tmp_path / "stranger")


@pytest.fixture
def silent(monkeypatch):
    """No password may go out."""
    monkeypatch.setattr(connecting.Connection, "bind", lambda *_a, **_k: pytest.fail("the password went out"))


@pytest.mark.usefixtures("silent")
def test_a_certificate_of_somebody_else_is_not_trusted(slapd, values, settings_of, stranger):
    for security, port in (("ldaps", slapd.tls_port), ("starttls", slapd.port)):
        row = settings_of(replace(values, security=security, port=port, ca_certificates=stranger.pem))
        with pytest.raises(UntrustedError, match="can’t be trusted"):
            connects(row)


@pytest.mark.parametrize(("security", "port"), [("ldaps", "tls_port"), ("starttls", "port")])
def test_a_certificate_of_another_name_is_not_trusted(values, settings_of, tmp_path, security, port):
    other = Certificates(tmp_path / "other", name="ldap.elsewhere.example")
    with running(tmp_path / "other-slapd", other) as server:
        row = settings_of(replace(values, security=security, port=getattr(server, port), ca_certificates=other.pem))
        with pytest.raises(UntrustedError):
            connects(row)


def test_nobody_there_is_unreachable(values, settings_of):
    for security in ("ldaps", "starttls"):
        with pytest.raises(UnreachableError, match=r"localhost:\d+ can’t be reached"):
            connects(settings_of(replace(values, security=security, port=free_port())))


def test_a_wrong_password_is_told_as_one(values, settings_of):
    with pytest.raises(BindRefusedError, match="doesn’t know “cn=admin,dc=example,dc=com” with this password"):
        connects(settings_of(replace(values, bind_password="wrong")))


def test_another_name_can_bind(values, settings_of):
    assert connects(settings_of(replace(values, bind_dn=READER_DN, bind_password=READER_PASSWORD))) == (True, True)


def test_anonymously_where_no_name_is_given(values, settings_of):
    assert connects(settings_of(replace(values, bind_dn="", bind_password="")))[1] is True
