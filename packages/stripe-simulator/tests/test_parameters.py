from typing import Any

import pytest

from stripe_simulator import parameters
from stripe_simulator.errors import StripeError
from stripe_simulator.form import decode
from stripe_simulator.parameters import read

SHAPE = {
    "name": parameters.text,
    "amount": parameters.integer,
    "confirm": parameters.boolean,
    "off_session": parameters.off_session,
    "usage": parameters.one_of("on_session", "off_session"),
    "address": parameters.nested(parameters.ADDRESS, required=("city",)),
    "expand": parameters.array(parameters.text),
    "metadata": parameters.metadata,
    "created": parameters.CREATED["created"],
}


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("", {}),
        ("name=Ana+Ferreira%20%C3%A9", {"name": "Ana Ferreira é"}),
        ("name=", {"name": None}),
        ("amount=-5&confirm=true", {"amount": -5, "confirm": True}),
        ("amount=&confirm=&usage=&address=", {"amount": None, "confirm": None, "usage": None, "address": None}),
        ("off_session=recurring", {"off_session": True}),
        ("off_session=false", {"off_session": False}),
        ("address[city]=Hamburg&address[line2]=", {"address": {"city": "Hamburg", "line2": None}}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        ("expand[10]=b&expand[2]=a", {"expand": ["a", "b"]}),
        ("expand=", {"expand": []}),
        ("metadata[0]=x&metadata[]=y", {"metadata": {"0": "x", "1": "y"}}),
        ("metadata=", {"metadata": None}),
        ("created=7", {"created": 7}),
        ("created[gte]=7&created[lt]=9", {"created": {"gte": 7, "lt": 9}}),
        ("name=first&name=second", {"name": "second"}),
    ],
)
def test_what_is_sent_becomes_typed(sent: str, typed: dict[str, Any]):
    assert read(decode(sent), SHAPE) == typed


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ("name[x]=1", "name"),
        (f"name={'x' * 5001}", "name"),
        ("amount[x]=1", "amount"),
        ("confirm=1", "confirm"),
        ("usage=never", "usage"),
        ("address=Hamburg", "address"),
        ("address[planet]=Earth", "address[planet]"),
        ("address[line1]=x", "address[city]"),
        ("address[city]=", "address[city]"),
        ("expand=a", "expand"),
        ("expand[x]=a", "expand"),
        ("expand[0][x]=a", "expand[0]"),
        ("metadata[a][b]=c", "metadata"),
        ("&".join(f"metadata[{number}]=x" for number in range(51)), "metadata"),
        (f"metadata[{'k' * 41}]=x", "metadata"),
        (f"metadata[k]={'x' * 501}", "metadata[k]"),
        ("created[since]=7", "created[since]"),
        ("name=a&name[b]=c", "name[b]"),
        ("address[city]=a&address=b", "address"),
        ("[x]=1", "[x]"),
        ("name]=1", "name]"),
    ],
)
def test_what_makes_no_sense_is_named(sent: str, param: str):
    with pytest.raises(StripeError) as raised:
        read(decode(sent), SHAPE)
    assert (raised.value.status, raised.value.param, raised.value.is_replayed) == (400, param, False)


@pytest.mark.parametrize(
    ("given", "left"), [(None, {}), ({}, {"a": "1"}), ({"a": ""}, {}), ({"b": "2"}, {"a": "1", "b": "2"})]
)
def test_metadata_is_merged(given: dict[str, str] | None, left: dict[str, str]):
    assert parameters.merge_metadata({"a": "1"}, given) == left
