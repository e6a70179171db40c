"""Against a real slapd: who is new, changed, gone and back, and what must never happen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError

from conftest import make_user
from keywright_console.directory.errors import (
    EmptyAnswerError,
    IncompleteAnswerError,
    NotLicensedError,
    NotSetUpError,
    OvertakenError,
    SyncRunningError,
    UnreachableError,
)
from keywright_console.directory.models import DirectorySettings, DirectoryUser, SyncRun
from keywright_console.directory.selectors import count_from_directory, entry_of, runs_for
from keywright_console.directory.services import synchronize as module
from keywright_console.directory.services.save_settings import save_settings
from keywright_console.directory.services.synchronize import preview, synchronize
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.users.models import User
from keywright_console.users.selectors import count_active
from keywright_console.users.services.deactivate_user import deactivate_user
from slapd import READER_DN, READER_PASSWORD, running
from vendor import NOON


def sync():
    return synchronize(actor=SHELL, now=NOON)


def people():
    return {user.username: user.is_active for user in User.objects.exclude(username="anna")}


def figures(run):
    return (run.found, run.created, run.updated, run.activated, run.deactivated, run.skipped)


def test_the_first_run_brings_everybody(connected):
    assert figures(sync()) == (3, 3, 0, 0, 0, 0)
    assert people() == {"ada": True, "bob": True, "cyd": True}
    assert (count_active(), count_from_directory()) == (4, 3)
    ada = User.objects.get(username="ada")
    assert (ada.email, ada.has_usable_password(), ada.is_system_admin) == ("ada@brightwater.example", False, False)
    assert entry_of(ada.pk).dn == "uid=ada,ou=people,dc=example,dc=com"
    rows = AuditRow.objects.filter(actor_kind="directory").values_list("action", flat=True)
    assert list(rows) == ["user.created"] * 3


def test_again_changes_nothing(connected):
    sync()
    before = AuditRow.objects.count()
    assert figures(sync()) == (3, 0, 0, 0, 0, 0)
    assert AuditRow.objects.count() == before


def test_who_is_gone_is_deactivated_and_active_again_when_back(connected, slapd):
    sync()
    slapd.remove("bob")
    assert figures(sync()) == (2, 0, 0, 0, 1, 0)
    assert people() == {"ada": True, "bob": False, "cyd": True}
    assert figures(sync()) == (2, 0, 0, 0, 0, 0)
    slapd.add("bob")  # under an id of its own
    run = sync()
    assert (run.created, run.deactivated) == (0, 0)
    assert User.objects.filter(username="bob").count() == 1
    assert people()["bob"] is True


def test_out_of_the_filter_is_gone_too(connected, values):
    sync()
    save_settings(actor=SHELL, values=replace(values, user_filter="(uid=ada)"), now=NOON)
    assert figures(sync()) == (1, 0, 0, 0, 2, 0)
    save_settings(actor=SHELL, values=values, now=NOON)
    assert figures(sync()) == (3, 0, 0, 2, 0, 0)
    assert people() == {"ada": True, "bob": True, "cyd": True}


def test_who_was_deactivated_by_hand_stays_so(connected):
    sync()
    deactivate_user(actor=SHELL, user_id=User.objects.get(username="ada").pk, now=NOON)
    assert figures(sync()) == (3, 0, 0, 0, 0, 0)
    assert people()["ada"] is False


def test_a_change_of_names_follows(connected, slapd):
    sync()
    pk = User.objects.get(username="ada").pk
    slapd.set("ada", mail="ada.byron@brightwater.example")
    slapd.rename("ada", "lovelace")
    assert figures(sync()) == (3, 0, 1, 0, 0, 0)
    found = User.objects.get(pk=pk)
    assert (found.username, found.email) == ("lovelace", "ada.byron@brightwater.example")
    assert entry_of(pk).dn.startswith("uid=lovelace,")
    row = AuditRow.objects.get(action="user.renamed")
    assert (row.subject, row.before, row.after) == (found.public_id, None, None)


def test_the_same_person_here_is_linked_and_keeps_the_account(connected):
    ada = make_user("ada")
    assert figures(sync()) == (3, 2, 1, 0, 0, 0)
    ada.refresh_from_db()
    assert ada.has_usable_password()
    assert DirectoryUser.objects.filter(user=ada).exists()


def test_an_address_alone_takes_no_account(connected, slapd, admin):
    slapd.set("ada", mail="anna@brightwater.example")
    run = sync()
    assert figures(run) == (3, 2, 0, 0, 0, 1)
    assert run.reasons == [
        [
            "uid=ada,ou=people,dc=example,dc=com",
            "Another user here has the email address “anna@brightwater.example”.",
        ]
    ]
    assert not DirectoryUser.objects.filter(user=admin).exists()


def test_an_empty_answer_deactivates_nobody_and_says_why(connected, slapd, values):
    sync()
    for name in ("ada", "bob", "cyd"):
        slapd.remove(name)
    with pytest.raises(EmptyAnswerError):
        sync()
    assert people() == {"ada": True, "bob": True, "cyd": True}
    run = runs_for(actor=SHELL)[0]
    assert (run.state, run.code) == ("failed", "directory_empty")
    assert run.message.startswith("The directory answered with nobody, so nobody is deactivated")


def test_half_an_answer_changes_nothing(tmp_path, certificates, licensed, values):
    names = [f"u{n}" for n in range(600)]
    with running(tmp_path / "many", certificates, names=names) as server:
        all_of_it = replace(values, port=server.tls_port)
        save_settings(actor=SHELL, values=all_of_it, now=NOON)
        assert sync().created == 600
        half = replace(all_of_it, bind_dn=READER_DN, bind_password=READER_PASSWORD)
        save_settings(actor=SHELL, values=half, now=NOON)
        with pytest.raises(IncompleteAnswerError):
            sync()
    assert set(people().values()) == {True}


def test_a_directory_that_is_down_changes_nothing(connected, slapd):
    sync()
    slapd.stop()
    with pytest.raises(UnreachableError):
        sync()
    assert set(people().values()) == {True}
    assert runs_for(actor=SHELL)[0].code == "directory_unreachable"
    assert DirectorySettings.objects.get().running_until is None


def test_the_last_system_admin_stays(connected, slapd, admin):
    sync()
    ada = User.objects.get(username="ada")
    User.objects.filter(pk=ada.pk).update(is_system_admin=True)
    User.objects.filter(pk=admin.pk).update(is_system_admin=False)
    slapd.remove("ada")
    run = sync()
    assert (run.deactivated, run.skipped) == (0, 1)
    assert run.reasons == [["ada", "This is the last active System Admin."]]
    assert people()["ada"] is True


def test_the_dry_run_shows_it_all_and_changes_nothing(connected, slapd):
    sync()
    slapd.remove("bob")
    slapd.add("dan")
    before = (people(), AuditRow.objects.count(), SyncRun.objects.count())
    made = preview(actor=SHELL, now=NOON)
    assert ([one.username for one in made.create], [user.username for user in made.deactivate]) == (["dan"], ["bob"])
    assert (people(), AuditRow.objects.count(), SyncRun.objects.count()) == before


def test_one_at_a_time_and_a_dead_nodes_run_runs_out(connected):
    DirectorySettings.objects.update(running_until=NOON + timedelta(minutes=1))
    with pytest.raises(SyncRunningError):
        sync()
    assert people() == {}
    DirectorySettings.objects.update(running_until=NOON)
    assert sync().created == 3
    DirectorySettings.objects.update(running_until=NOON + module.LEASE + timedelta(seconds=2))
    with pytest.raises(SyncRunningError):
        sync()  # another node's clock is two seconds ahead of ours
    DirectorySettings.objects.update(running_until=NOON + timedelta(days=400))  # the clock was moved back
    assert figures(sync()) == (3, 0, 0, 0, 0, 0)


def test_a_run_that_takes_long_keeps_its_lease_and_says_how_long_it_took(connected, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    passed, seen, real = [0.0], [], module._insert

    def insert(entries, *, now):
        seen.append(DirectorySettings.objects.get().running_until)
        passed[0] += 600  # ten minutes a batch
        real(entries, now=now)

    monkeypatch.setattr(module.time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(module, "_insert", insert)
    run = sync()
    assert seen == [NOON + module.LEASE + timedelta(minutes=minutes) for minutes in (0, 10, 20)]
    assert run.ended_at - run.started_at == timedelta(minutes=30)


def test_a_run_that_slept_past_its_lease_leaves_the_rest_to_the_one_that_took_it(connected, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    theirs, real = NOON + timedelta(hours=3), module._insert

    def insert(entries, *, now):
        real(entries, now=now)
        DirectorySettings.objects.update(running_until=theirs)

    monkeypatch.setattr(module, "_insert", insert)
    with pytest.raises(OvertakenError):
        sync()
    assert len(people()) == 1
    assert runs_for(actor=SHELL)[0].code == "sync_overtaken"
    assert DirectorySettings.objects.get().running_until == theirs


def test_an_interrupted_run_is_told_and_the_next_does_the_rest(connected, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    real, calls = module._insert, []

    def insert(entries, *, now):
        calls.append(entries)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(entries, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_insert", insert)
        with pytest.raises(KeyboardInterrupt):
            sync()
    assert people() == {"ada": True}
    assert (runs_for(actor=SHELL)[0].state, runs_for(actor=SHELL)[0].code) == ("failed", "interrupted")
    assert figures(sync()) == (3, 2, 0, 0, 0, 0)


def test_a_name_taken_meanwhile_leaves_out_one_and_not_its_batch(connected, monkeypatch):
    real = module._compare

    def compare(settings):
        found = real(settings)
        make_user("bob")  # between the comparison and the change
        return found

    monkeypatch.setattr(module, "_compare", compare)
    run = sync()
    assert run.reasons == [
        ["uid=bob,ou=people,dc=example,dc=com", "Somebody took its username or email address a moment ago."]
    ]
    assert people() == {"ada": True, "bob": True, "cyd": True}
    assert count_from_directory() == 2


def test_a_new_name_taken_meanwhile_is_left_for_the_next_run(connected, slapd, monkeypatch):
    sync()
    slapd.set("ada", mail="new@brightwater.example")
    slapd.set("bob", mail="bob2@brightwater.example")
    real = module._compare

    def compare(settings):
        found = real(settings)
        make_user("new")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(module, "_compare", compare)
        run = sync()
    assert (run.skipped, len(run.reasons)) == (1, 1)
    assert User.objects.get(username="bob").email == "bob2@brightwater.example"
    assert User.objects.get(username="ada").email == "ada@brightwater.example"


def test_it_needs_license_settings_and_permission(licensed, values, member):
    with pytest.raises(NotSetUpError):
        sync()
    save_settings(actor=SHELL, values=values, now=NOON)
    for ask in (synchronize, preview):
        with pytest.raises(NotAllowedError):
            ask(actor=member.actor, now=NOON)
    remove_license(actor=SHELL, now=NOON)
    for ask in (synchronize, preview):
        with pytest.raises(NotLicensedError):
            ask(actor=SHELL, now=NOON)
    assert not SyncRun.objects.exists()


def test_old_runs_go(connected, monkeypatch):
    monkeypatch.setattr(module, "RUNS_KEPT", 2)
    for minute in range(3):
        synchronize(actor=SHELL, now=NOON + timedelta(minutes=minute))
    assert [run.started_at.minute for run in runs_for(actor=SHELL)] == [2, 1]


def test_the_database_keeps_one_user_an_entry(connected):
    sync()
    key = DirectoryUser.objects.get(user__username="ada").key
    with pytest.raises(IntegrityError):
        DirectoryUser.objects.create(user=make_user("other"), key=key, dn="x")
