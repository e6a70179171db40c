"""docs/console-api.md tells the truth: its calls and its errors are those of the description."""

import re
from pathlib import Path

from caller import BASE
from described import DESCRIPTION

from keywright_console.api import middleware
from keywright_console.users.services.api_tokens import TOKEN_LIFE

GUIDE = (Path(__file__).resolve().parents[4] / "docs" / "console-api.md").read_text()
OPERATIONS = {
    (method.upper(), path.removeprefix(BASE)): operation
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
}


def test_it_has_every_call_and_no_other():
    told = re.findall(r"^\| `([A-Z]+) (/\S*)` \| ([^|]+) \|", GUIDE, re.MULTILINE)
    assert len(told) == len(OPERATIONS)
    assert {(method, path) for method, path, _for in told} == set(OPERATIONS)


def test_it_says_which_calls_need_no_session():
    told = re.findall(r"^\| `([A-Z]+) (/\S*)` \| ([^|]+) \|", GUIDE, re.MULTILINE)
    open_to_all = {(method, path) for method, path, whom in told if whom == "everybody"}
    assert open_to_all == {place for place, operation in OPERATIONS.items() if operation.get("security") == []}


def test_it_has_every_error_and_no_other():
    told = re.findall(r"^\| (\d{3}) \| `([\w.]+)` \|", GUIDE, re.MULTILINE)
    known = {
        (status, id_)
        for operation in OPERATIONS.values()
        for status, response in operation["responses"].items()
        if int(status) >= 400
        for id_ in response["description"].split("; ")
    }
    assert len(told) == len(set(told))
    assert set(told) == known


def test_it_has_what_any_call_may_answer():
    for id_ in (middleware.UNREADABLE[0], middleware.FAULT[0], middleware.REFUSALS[405][0]):
        assert f"`{id_}`" in GUIDE


def test_a_token_is_good_for_as_long_as_it_says():
    assert f"A token is good for {TOKEN_LIFE.days} days" in GUIDE
