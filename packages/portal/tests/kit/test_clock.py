from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keywright_portal.kit import clock

NEAR = timedelta(seconds=5)


def test_the_clock_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(tz=UTC)) < NEAR


@pytest.mark.parametrize("seconds", ["0", "86400", "-86400", "31536000\n", "0.5"])
def test_a_file_moves_it_for_whoever_reads_the_file(settings, tmp_path, seconds):
    settings.CLOCK_FILE = str(tmp_path / "clock")
    (tmp_path / "clock").write_text(seconds)
    assert abs(clock.now() - datetime.now(tz=UTC) - timedelta(seconds=float(seconds))) < NEAR


def test_it_moves_while_the_process_runs(settings, tmp_path):
    settings.CLOCK_FILE = str(tmp_path / "clock")
    assert abs(clock.now() - datetime.now(tz=UTC)) < NEAR  # no file yet: not moved
    (tmp_path / "clock").write_text("3600")
    assert clock.now() - datetime.now(tz=UTC) > timedelta(minutes=59)


def test_a_file_that_holds_no_number_is_told_of(settings, tmp_path):
    settings.CLOCK_FILE = str(tmp_path / "clock")
    (tmp_path / "clock").write_text("tomorrow")
    with pytest.raises(ValueError, match="tomorrow"):
        clock.now()
