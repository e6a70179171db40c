import contextlib
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_license import MalformedError
from keywright_license._internal import strict_json
from keywright_license.limits import MAX_JSON_DEPTH

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def nested(depth):
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_an_object_comes_back_as_it_was_written(value):
    assert strict_json.loads(strict_json.dumps(value)) == value
    assert strict_json.loads(json.dumps(value, indent=1).encode()) == value


@given(st.binary(max_size=60))
def test_bytes_give_an_object_or_malformed_and_nothing_else(octets):
    with contextlib.suppress(MalformedError):
        assert type(strict_json.loads(octets)) is dict


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"[]",
        b"1",
        b"null",
        b"{",
        b"{}x",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":1}',
        b'{"x":{"a":1,"a":1}}',
        b'{"x":[{"a":1,"a":1}]}',
        b'{"x":NaN}',
        b'{"x":Infinity}',
        b'{"x":-Infinity}',
        b'{"x":1e999}',
        b'{"x":-1e999}',
        b'{"x":01}',
        b'{"x":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"x":"\\u0000"}',
        b'{"\\u0000":1}',
        b'{"x":["\\u0000"]}',
        b'{"x":"\x01"}',
        b'{"x":"\xff"}',
        b'{"x":"\xed\xa0\x80"}',
        b"{'x':1}",
        b'{"x":1,}',
        b'{"x":' + b"9" * 5000 + b"}",
        b'{"x":' + b"[" * 30000 + b"]" * 30000 + b"}",
        b'{"x":"\\u0041"' + b',"y":[' * 900 + b"]" * 900 + b"}",
        nested(MAX_JSON_DEPTH + 1),
        b'{"a":[' * MAX_JSON_DEPTH + b"]}" * MAX_JSON_DEPTH,
    ],
)
def test_what_two_readers_could_take_for_two_things_is_refused(octets):
    with pytest.raises(MalformedError):
        strict_json.loads(octets)


def test_the_deepest_allowed_object_is_read_and_brackets_in_texts_do_not_count():
    assert json.dumps(strict_json.loads(nested(MAX_JSON_DEPTH)), separators=(",", ":")).encode() == nested(
        MAX_JSON_DEPTH
    )
    assert strict_json.loads(b'{"x":"' + b"[{" * 500 + b'"}') == {"x": "[{" * 500}
    assert strict_json.loads(b'{"x":[' + b"{}," * 99 + b"{}]}") == {"x": [{}] * 100}
    deep = nested(MAX_JSON_DEPTH - 1)
    assert strict_json.loads(b'{"x":{},"y":{"z":1},"deep":' + deep.replace(b"{}", b'{"a":1}') + b"}")["y"] == {"z": 1}


def test_escapes_are_read_when_they_make_whole_characters():
    assert strict_json.loads(b'{"x":"\\ud83d\\ude00 \\\\u0000"}') == {"x": "😀 \\u0000"}


def test_integers_stay_integers_and_fractions_do_not_become_them():
    value = strict_json.loads(b'{"i":1,"f":1.0,"e":1e3,"big":123456789012345678901234567890}')
    assert [type(item) for item in value.values()] == [int, float, float, int]


def test_a_caller_deep_in_the_stack_gets_an_answer_or_malformed():
    def from_depth(left):
        return strict_json.loads(nested(MAX_JSON_DEPTH)) if not left else from_depth(left - 1)

    frame, used = sys._getframe(), 0
    while frame:
        frame, used = frame.f_back, used + 1
    room = sys.getrecursionlimit() - used
    answers = set()
    for left in range(room - 40, room - 8):
        try:
            answers.add(type(from_depth(left)))
        except MalformedError as error:
            answers.add(type(error))
        except RecursionError:
            break
    assert answers <= {dict, MalformedError}
    assert dict in answers


@pytest.mark.parametrize("value", [{"x": float("nan")}, {"x": "\ud800"}])
def test_what_json_cannot_say_is_not_written(value):
    with pytest.raises(ValueError):  # noqa: PT011  # the kind is the contract, the words are Python's
        strict_json.dumps(value)
