from dataclasses import replace
from datetime import timedelta

import pytest

from keywright_console.directory.errors import NotSetUpError, UnreachableError
from keywright_console.directory.models import DirectorySettings, SyncRun
from keywright_console.directory.services.ask_for_sync import ask_for_sync
from keywright_console.directory.services.save_settings import save_settings
from keywright_console.directory.tasks import synchronize_when_due
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.licensing.services.remove_license import remove_license
from vendor import NOON

MINUTE = timedelta(minutes=1)


def runs():
    return [
        (run.started_at, run.started_by_kind, run.started_by) for run in SyncRun.objects.order_by("started_at", "id")
    ]


def test_it_runs_as_often_as_chosen(connected):
    for minute in (0, 1, 59, 60, 61, 120):
        synchronize_when_due(now=NOON + minute * MINUTE)
    assert [at - NOON for at, _kind, _by in runs()] == [0 * MINUTE, 60 * MINUTE, 120 * MINUTE]
    assert {kind for _at, kind, _by in runs()} == {"directory"}


def test_off_runs_only_when_asked_and_once(licensed, values, admin):
    save_settings(actor=SHELL, values=replace(values, is_on=False), now=NOON)
    synchronize_when_due(now=NOON)
    assert runs() == []
    ask_for_sync(actor=admin.actor, now=NOON)
    ask_for_sync(actor=admin.actor, now=NOON)
    for minute in range(3):
        synchronize_when_due(now=NOON + minute * MINUTE)
    assert runs() == [(NOON, "user", admin.public_id)]


def test_a_failed_run_is_tried_again_at_the_next_time_and_not_each_minute(connected, slapd):
    slapd.stop()
    with pytest.raises(UnreachableError):
        synchronize_when_due(now=NOON)
    synchronize_when_due(now=NOON + MINUTE)
    assert len(runs()) == 1
    with pytest.raises(UnreachableError):
        synchronize_when_due(now=NOON + 60 * MINUTE)


def test_a_clock_moved_back_stops_nothing(connected):
    synchronize_when_due(now=NOON + 300 * MINUTE)
    synchronize_when_due(now=NOON)
    assert len(runs()) == 2


def test_without_settings_or_license_nothing_runs(licensed, values):
    synchronize_when_due(now=NOON)
    save_settings(actor=SHELL, values=values, now=NOON)
    remove_license(actor=SHELL, now=NOON)
    synchronize_when_due(now=NOON)
    assert runs() == []


def test_asking_needs_settings_and_permission(licensed, values, member):
    with pytest.raises(NotSetUpError):
        ask_for_sync(actor=SHELL, now=NOON)
    save_settings(actor=SHELL, values=values, now=NOON)
    with pytest.raises(NotAllowedError):
        ask_for_sync(actor=member.actor, now=NOON)
    assert DirectorySettings.objects.get().asked_at is None
