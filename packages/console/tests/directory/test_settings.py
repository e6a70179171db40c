from dataclasses import asdict, replace

import pytest
from django.db import connection

from keywright_console.directory.errors import InvalidSettingError
from keywright_console.directory.models import DirectorySettings
from keywright_console.directory.sealing import seal, unseal
from keywright_console.directory.selectors import settings_for
from keywright_console.directory.services.check_connection import check_connection
from keywright_console.directory.services.save_settings import DEFAULTS, checked, is_loopback, save_settings
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError, NotConfiguredError
from keywright_console.kit.models import AuditRow
from slapd import READER_DN, READER_PASSWORD
from vendor import NOON

GOOD = replace(DEFAULTS, host="ldap.example.com", base_dn="ou=people,dc=example,dc=com")


def save(values):
    return save_settings(actor=SHELL, values=values, now=NOON)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "ldaps://ldap.example.com"}, "host"),
        ({"security": "none"}, "security"),
        ({"security": "plain"}, "security"),
        ({"port": 70_000}, "port"),
        ({"every_minutes": 4}, "every_minutes"),
        ({"every_minutes": 10_081}, "every_minutes"),
        ({"base_dn": " "}, "base_dn"),
        ({"base_dn": "people"}, "base_dn"),
        ({"bind_dn": "=x"}, "bind_dn"),
        ({"user_filter": "(uid=a"}, "user_filter"),
        ({"user_filter": ""}, "user_filter"),
        ({"ca_certificates": "nonsense"}, "ca_certificates"),
        ({"id_attribute": ""}, "id_attribute"),
        ({"username_attribute": "uid)(x=*"}, "username_attribute"),
        ({"email_attribute": "mäil"}, "email_attribute"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(db, change, field):
    with pytest.raises(InvalidSettingError) as caught:
        save(replace(GOOD, **change))
    assert caught.value.field == field
    assert caught.value.message.endswith(".")
    assert not DirectorySettings.objects.exists()


def test_ports_are_those_of_the_encryption():
    assert checked(GOOD, now=NOON).port == 636
    assert checked(replace(GOOD, security="starttls"), now=NOON).port == 389
    assert checked(replace(GOOD, security="plain", host="127.0.0.1"), now=NOON).port == 389


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.1.2.3", True), ("::1", True), ("10.0.0.1", False), ("localhost.example", False)],
)
def test_what_stays_on_this_machine(host, expected):
    assert is_loopback(host) is expected


def test_the_password_is_sealed_and_told_nowhere(db):
    save(replace(GOOD, bind_dn="cn=reader", bind_password="a very secret word"))
    row = settings_for(actor=SHELL)
    assert unseal(row.bind_password) == "a very secret word"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM directory_directorysettings")
        assert "secret word" not in str(cursor.fetchall())
    assert "secret" not in str(list(AuditRow.objects.values()))
    assert AuditRow.objects.get().after["has_password"] is True


def test_each_sealing_differs_and_another_secret_opens_none(settings):
    one, other = seal("word"), seal("word")
    assert one != other
    assert (seal(""), unseal("")) == ("", "")
    settings.SECRET_KEY = "another"
    with pytest.raises(NotConfiguredError, match="KEYWRIGHT_CONSOLE_SECRET_KEY is another"):
        unseal(one)
    settings.SECRET_KEY = ""
    with pytest.raises(NotConfiguredError, match="KEYWRIGHT_CONSOLE_SECRET_KEY is not set"):
        unseal(one)


def test_the_password_stays_until_it_is_entered_anew_and_goes_to_no_other_host(db):
    save(replace(GOOD, bind_password="word"))
    assert unseal(save(replace(GOOD, every_minutes=30)).bind_password) == "word"
    with pytest.raises(InvalidSettingError) as caught:
        save(replace(GOOD, host="elsewhere.example"))
    assert caught.value.field == "bind_password"
    assert settings_for(actor=SHELL).host == "ldap.example.com"
    assert unseal(save(replace(GOOD, host="elsewhere.example", bind_password="new")).bind_password) == "new"


def test_a_member_changes_and_sees_nothing(member):
    for ask in (
        lambda: save_settings(actor=member.actor, values=GOOD, now=NOON),
        lambda: settings_for(actor=member.actor),
    ):
        with pytest.raises(NotAllowedError):
            ask()
    assert not DirectorySettings.objects.exists()


def test_the_defaults_are_of_use():
    assert asdict(DEFAULTS)["user_filter"] == "(objectClass=inetOrgPerson)"
    assert checked(GOOD, now=NOON).id_attribute == "entryUUID"


def test_a_check_shows_the_first_entries(values, settings_of):
    found = check_connection(actor=SHELL, settings=settings_of(values))
    assert (found.problem, found.is_bound, found.security, found.remark) == (None, True, "LDAPS", "")
    assert [entry.username for entry in found.entries] == ["ada", "bob", "cyd"]


def test_a_check_says_what_stands_against_it(values, settings_of):
    found = check_connection(actor=SHELL, settings=settings_of(replace(values, bind_password="wrong")))
    assert (found.problem.code, found.is_bound, found.entries) == ("directory_bind_refused", False, [])
    found = check_connection(actor=SHELL, settings=settings_of(replace(values, base_dn="dc=nowhere")))
    assert (found.problem.code, found.is_bound) == ("directory_search_refused", True)


def test_a_check_remarks_on_what_finds_nobody(values, settings_of):
    found = check_connection(actor=SHELL, settings=settings_of(replace(values, user_filter="(uid=nobody)")))
    assert found.remark.startswith("Base DN and filter find nobody.")
    found = check_connection(
        actor=SHELL, settings=settings_of(replace(values, id_attribute="objectGUID", email_attribute="mobile"))
    )
    assert found.remark == "None of the first entries has a value in: objectGUID, mobile. Check the attributes."


def test_a_check_is_content_with_few_rights(values, settings_of):
    row = settings_of(replace(values, bind_dn=READER_DN, bind_password=READER_PASSWORD))
    assert len(check_connection(actor=SHELL, settings=row).entries) == 3
