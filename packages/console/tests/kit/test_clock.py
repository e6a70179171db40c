from datetime import UTC, datetime, timedelta

import pytest

from keywright_console.kit import clock


def seconds_apart(moved):
    return abs((moved - datetime.now(UTC)).total_seconds())


def test_without_a_file_it_is_the_machines_time_in_utc(settings):
    settings.KEYWRIGHT_CLOCK_FILE = ""
    assert clock.now().tzinfo is UTC
    assert seconds_apart(clock.now()) < 5


def test_a_file_that_does_not_exist_moves_nothing(settings, tmp_path):
    settings.KEYWRIGHT_CLOCK_FILE = str(tmp_path / "none")
    assert clock.offset() == timedelta(0)


def test_the_file_is_read_at_every_call(settings, tmp_path):
    file = tmp_path / "clock"
    settings.KEYWRIGHT_CLOCK_FILE = str(file)
    file.write_text("86400\n")
    assert clock.offset() == timedelta(days=1)
    file.write_text("-60.5")
    assert clock.offset() == timedelta(seconds=-60.5)
    file.write_text("")
    assert clock.offset() == timedelta(0)


def test_a_file_with_something_else_is_no_offset(settings, tmp_path):
    file = tmp_path / "clock"
    file.write_text("tomorrow")
    settings.KEYWRIGHT_CLOCK_FILE = str(file)
    with pytest.raises(ValueError, match="tomorrow"):
        clock.now()
