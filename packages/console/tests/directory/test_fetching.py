import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest

from keywright_console.directory import connecting, fetching
from keywright_console.directory.entry import Entry
from keywright_console.directory.errors import IncompleteAnswerError, SearchRefusedError
from slapd import PEOPLE, READER_DN, READER_PASSWORD, running


def fetched(row):
    with connecting.connection(row) as link:
        return list(fetching.entries(link, row))


def test_entries_by_the_attributes_of_the_settings(values, settings_of):
    found = fetched(settings_of(values))
    assert [(one.username, one.email, one.dn) for one in found] == [
        (name, f"{name}@brightwater.example", f"uid={name},{PEOPLE}") for name in ("ada", "bob", "cyd")
    ]
    assert len({uuid.UUID(one.key) for one in found}) == 3
    by_name = fetched(settings_of(replace(values, id_attribute="uid", email_attribute="cn")))
    assert [(one.key, one.email) for one in by_name] == [("ada", "ada"), ("bob", "bob"), ("cyd", "cyd")]


def test_the_filter_and_an_attribute_that_nobody_has(values, settings_of):
    found = fetched(settings_of(replace(values, user_filter="(|(uid=ada)(uid=cyd))", email_attribute="mobile")))
    assert [(one.username, one.email) for one in found] == [("ada", ""), ("cyd", "")]


def test_many_pages_bring_everybody_once(tmp_path, certificates, values, settings_of):
    names = [f"u{n}" for n in range(2_500)]
    with running(tmp_path / "many", certificates, names=names) as server:
        found = fetched(settings_of(replace(values, port=server.tls_port)))
    assert [one.username for one in found] == names


def test_a_directory_that_stops_early_is_no_answer(tmp_path, certificates, values, settings_of):
    with running(tmp_path / "many", certificates, names=[f"u{n}" for n in range(600)]) as server:
        row = settings_of(replace(values, port=server.tls_port, bind_dn=READER_DN, bind_password=READER_PASSWORD))
        with pytest.raises(IncompleteAnswerError, match="stopped before its end"):
            fetched(row)  # OpenLDAP gives 500 to whom it doesn't know better


def test_a_base_that_is_not_there_is_told(values, settings_of):
    with pytest.raises(SearchRefusedError, match="has no “ou=nobody,dc=example,dc=com”"):
        fetched(settings_of(replace(values, base_dn="ou=nobody,dc=example,dc=com")))


def test_references_to_other_servers_are_no_entries(values, settings_of):
    row = settings_of(values)
    entry = {"type": "searchResEntry", "dn": "uid=a", "raw_attributes": {"entryUUID": [b"1"], "uid": [b"a"]}}
    link = SimpleNamespace(
        search=lambda *_a, **_k: True,
        result={"result": 0, "controls": {}},
        response=[{"type": "searchResRef", "uri": ["ldap://other"]}, entry],
    )
    assert list(fetching.entries(link, row)) == [Entry("1", "uid=a", "a", "")]


def test_active_directorys_id_reads_as_microsoft_writes_it():
    guid = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    names = ("objectGUID", "sAMAccountName", "mail")
    one = {"dn": "cn=a", "raw_attributes": {"objectGUID": [guid.bytes_le], "sAMAccountName": [b"A"]}}
    assert fetching._entry(one, names) == Entry(str(guid), "cn=a", "A", "")
    assert fetching._key("other", b"\xff\x00") == "ff00"
