import pytest
from django import forms

from gallery.forms import SampleForm


def group(name: str, **data: str) -> str:
    form = SampleForm(data=data) if data else SampleForm()
    return str(form[name].as_field_group())


def test_a_field_is_tied_to_its_label_hint_and_error():
    html = group("email", email="not one")

    assert '<label class="form-label" for="id_email">Work email</label>' in html
    assert 'aria-invalid="true" aria-describedby="id_email_helptext id_email_error" class="form-control"' in html
    assert 'id="id_email_error"' in html
    assert "Enter a valid email address." in html
    assert '<span class="form-hint" id="id_email_helptext">We send a link to this address.</span>' in html


def test_only_what_may_be_left_empty_is_marked():
    assert '<span class="kw-optional">optional</span>' in group("vat")
    assert "kw-optional" not in group("given_name")


@pytest.mark.parametrize(
    ("name", "css"),
    [
        ("country", "form-select"),
        ("note", "form-control"),
        ("privacy", "form-check-input"),
        ("topic", "form-check-input"),
    ],
)
def test_each_control_has_the_class_of_its_kind(name, css):
    assert f'class="{css}"' in group(name)


def test_a_box_stands_before_its_label():
    html = group("privacy")

    assert html.index("<input") < html.index("<label")
    assert html.startswith('<div class="form-check">')


def test_radio_buttons_share_a_legend_and_are_never_called_invalid():
    html = group("topic", email="x")

    assert "<legend>About</legend>" in html
    assert '<fieldset class="kw-group" aria-describedby="id_topic_error">' in html
    assert "aria-invalid" not in html


def test_a_hidden_field_is_only_itself():
    assert group("token") == '<input type="hidden" name="token" value="t" id="id_token">'


def test_a_widget_keeps_a_class_of_its_own():
    class Own(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"class": "mine"}))

    assert 'class="mine"' in str(Own()["name"])


def test_a_whole_form_is_a_grid_with_its_own_errors_first():
    class Whole(forms.Form):
        name = forms.CharField()
        secret = forms.CharField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("Nothing fits.")

    html = str(Whole({"name": "x", "secret": "s"}))

    assert html.index("<p>Nothing fits.</p>") < html.index('<div class="kw-fields">')
    assert html.count("<label") == 1
    assert html.count('name="secret"') == 1
