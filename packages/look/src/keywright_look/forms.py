"""Django's own form rendering with the look's markup: set `FORM_RENDERER = "keywright_look.forms.LookRenderer"`.

`{{ form.email.as_field_group }}` then gives label, control, error and hint, tied together for a screen reader. A field
chooses another shape with Django's own `template_name`: `kw/forms/stepper.html` for a count, `kw/forms/drop.html` for
a file, `kw/forms/secret.html` for a password that can be shown.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.forms import widgets
from django.forms.boundfield import BoundField
from django.forms.renderers import BaseRenderer, DjangoTemplates
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from django.forms import Widget

SELECTED = SafeString(" selected")
CHECKS = (widgets.CheckboxInput, widgets.RadioSelect, widgets.CheckboxSelectMultiple)
SELECTS = (widgets.Select, widgets.SelectMultiple)


def css_class(widget: Widget) -> str:
    """The class of a control. RadioSelect is not a Select for Django, but CheckboxSelectMultiple is a RadioSelect."""
    if isinstance(widget, CHECKS):
        return "form-check-input"
    return "form-select" if isinstance(widget, SELECTS) else "form-control"


class LookBoundField(BoundField):
    """A field whose control has the look's class, unless its widget brings one of its own, as the admin's do."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        if not shown.is_hidden and "class" not in shown.attrs:
            built.setdefault("class", css_class(shown))
        if isinstance(shown, widgets.RadioSelect):
            built.pop("aria-invalid", None)  # ARIA knows no invalid radio button; the legend's description says it
        return built

    @property
    def is_check(self) -> bool:
        """A box with its label behind it."""
        return isinstance(self.field.widget, widgets.CheckboxInput)

    @property
    def is_group(self) -> bool:
        """Several boxes under one legend."""
        return isinstance(self.field.widget, (widgets.RadioSelect, widgets.CheckboxSelectMultiple))

    @property
    def hint_id(self) -> str:
        """As Django names it in aria-describedby."""
        return f"{self.auto_id}_helptext"

    @property
    def error_id(self) -> str:
        """As Django names it in aria-describedby."""
        return f"{self.auto_id}_error"


class LookRenderer(DjangoTemplates):
    """Finds templates in Django's forms and in every installed app; needs no `django.forms` in INSTALLED_APPS."""

    form_template_name = "kw/forms/form.html"
    field_template_name = "kw/forms/field.html"
    bound_field_class = LookBoundField


class LongSelect(widgets.Select):
    """A drop-down list of many choices without groups, such as countries.

    Django renders a template for each choice, which for 250 of them takes longer than the rest of a page. The markup is
    the same.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 (as Django calls it)
    ) -> SafeString:
        chosen = self.format_value(value)
        options = _options(tuple((str(key), str(label)) for key, label in self.choices), tuple(chosen))
        attributes = flatatt(self.build_attrs({**self.attrs, "name": name}, attrs))
        return format_html("<select{}>\n{}\n</select>", attributes, options)


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[str, str], ...], chosen: tuple[str, ...]) -> SafeString:
    """Remembered by what they show: some 15 KB for a list of countries."""
    return format_html_join(
        "\n",
        '  <option value="{}"{}>{}</option>',
        ((key, SELECTED if key in chosen else "", label) for key, label in choices),
    )
