from __future__ import annotations

import pytest
from django import forms
from django.test.html import parse_html

from keywright_look.forms import LongSelect

CHOICES = [("", "Choose…"), ("DE", "Germany"), ("AX", 'Å "land" & <more>'), (3, "Three")]


@pytest.mark.parametrize("value", ["", None, "DE", "AX", 3, "3", "nowhere"])
@pytest.mark.parametrize("attrs", [None, {"id": "id_country", "required": True, "class": "form-select"}])
def test_it_renders_what_django_does(value, attrs):
    ours = LongSelect(attrs={"autocomplete": "country"}, choices=CHOICES)
    djangos = forms.Select(attrs={"autocomplete": "country"}, choices=CHOICES)
    assert parse_html(ours.render("country", value, attrs)) == parse_html(djangos.render("country", value, attrs))
