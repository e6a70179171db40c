import uuid

import pytest

from keywright_console.kit.ids import IdConverter, from_letters, letters, new_id


def test_ids_are_uuids_of_version_7():
    made = new_id()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_made_later_sort_later(monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 1_800_000_000_000 * 1_000_000)
    earlier = new_id()
    monkeypatch.setattr("time.time_ns", lambda: 1_800_000_000_001 * 1_000_000)
    assert earlier < new_id()


def test_a_thousand_ids_of_one_moment_differ():
    assert len({new_id() for _ in range(1000)}) == 1000


def test_letters_lead_back():
    made = new_id()
    assert len(letters(made)) == 26
    assert from_letters(letters(made)) == made
    assert IdConverter().to_python(IdConverter().to_url(made)) == made


def test_what_is_no_id_is_a_value_error():
    with pytest.raises(ValueError, match="not an id"):
        from_letters("l" * 26)
