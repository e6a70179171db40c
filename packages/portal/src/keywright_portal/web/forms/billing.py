"""Billing details, and what is agreed to with Complete."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from keywright_look.forms import LongSelect
from keywright_portal.orders.services.start_payment import BillingDetails, Completion

LENGTHS: Final = {"name": 120, "street": 200, "postal_code": 20, "city": 100, "vat_number": 30}
"""Characters, as the organization's own columns hold."""
LONGEST_PURCHASE_ORDER: Final = 60
"""Characters, as the order's column holds."""


def _text(field: str, autocomplete: str, *, required: bool = True, **more: Any) -> forms.CharField:
    """A line of text."""
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(max_length=LENGTHS[field], required=required, widget=widget, **more)


class BillingForm(forms.Form):
    """What stands on the invoice, how it is paid, and the Terms.

    `amount_shown` is a guard: what was on the page when it was sent. `card` is a saved card, None for a new one.
    """

    name = _text("name", "organization", label=_("Organization"))
    country = forms.ChoiceField(
        label=_("Country"),
        choices=[("", _("Choose…")), *countries],
        widget=LongSelect(attrs={"autocomplete": "country"}),
        error_messages={"required": _("Choose your country.")},
    )
    street = _text("street", "street-address", label=_("Street and number"))
    postal_code = _text("postal_code", "postal-code", label=_("Postal code"), required=False)
    city = _text("city", "address-level2", label=_("City"))
    vat_number = _text("vat_number", "off", label=_("VAT number"), required=False)
    purchase_order = forms.CharField(
        label=_("Purchase order"),
        max_length=LONGEST_PURCHASE_ORDER,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Printed on the invoice."),
    )
    email = forms.EmailField(
        label=_("Billing email address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "licensing@"}),
        help_text=_(
            "An address of your organization that several people read, not one person’s: it is written into the "
            "license."
        ),
    )
    card = forms.UUIDField(required=False)
    save_card = forms.BooleanField(
        label=_("Save this card for renewals"),
        required=False,
        help_text=_("Stripe keeps it, not we. It isn’t charged again without you."),
    )
    accepts_terms = forms.BooleanField(
        required=True, error_messages={"required": _("Accept the Terms to complete the order.")}
    )
    amount_shown = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, sentence in _MISSING.items():
            self.fields[name].error_messages["required"] = sentence

    def completion(self) -> Completion:
        """What `start_payment` takes. Only of a form that is valid."""
        given = self.cleaned_data
        return Completion(
            billing=BillingDetails(
                name=given["name"],
                country=given["country"],
                street=given["street"],
                postal_code=given["postal_code"],
                city=given["city"],
                vat_number=given["vat_number"],
                email=given["email"],
            ),
            purchase_order=given["purchase_order"],
            accepts_terms=given["accepts_terms"],
            save_card=given["save_card"] and given["card"] is None,
            amount_shown=given["amount_shown"],
        )


_MISSING = {
    "name": _("Enter the name of your organization, as it stands on invoices."),
    "street": _("Enter street and number."),
    "city": _("Enter the city."),
    "amount_shown": _("The page isn’t complete. Load it again."),
}
