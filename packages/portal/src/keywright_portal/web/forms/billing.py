"""Billing details, and what is agreed to with Complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from django import forms
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from keywright_look.forms import LongSelect
from keywright_portal.orders.completion import BillingDetails, Completion
from keywright_portal.orders.models import PaymentWay

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTHS: Final = {"name": 120, "street": 200, "postal_code": 20, "city": 100, "vat_number": 30}
"""Characters, as the organization's own columns hold."""
LONGEST_PURCHASE_ORDER: Final = 60
"""Characters, as the order's column holds."""


class FixedChoices(BaseChoiceIterator):
    """Choices that never change: a list of them would be copied with each form, and a function asked anew."""

    def __init__(self, *choices: tuple[str, Any]) -> None:
        self._choices = choices

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._choices)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _text(field: str, autocomplete: str, *, required: bool = True, **more: Any) -> forms.CharField:
    """A line of text."""
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(max_length=LENGTHS[field], required=required, widget=widget, **more)


class TaxForm(forms.Form):
    """The part of the billing details that the total follows."""

    country = forms.ChoiceField(choices=FixedChoices(*countries), required=False)
    vat_number = forms.CharField(max_length=LENGTHS["vat_number"], required=False)

    @property
    def known(self) -> dict[str, str]:
        """What of it can be used; the rest is as if nothing was said."""
        self.full_clean()
        return {field: self.cleaned_data.get(field, "") for field in self.fields}


class BillingForm(forms.Form):
    """What stands on the invoice, how it is paid, and the Terms.

    `amount_shown` is a guard: what was on the page when it was sent. `card` is a saved card, None for a new one.
    """

    name = _text("name", "organization", label=_("Organization"))
    country = forms.ChoiceField(
        label=_("Country"),
        choices=FixedChoices(("", _("Choose…")), *countries),
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
    pay = forms.ChoiceField(choices=PaymentWay.choices, required=False)
    card = forms.UUIDField(required=False)
    invoice_email = forms.EmailField(
        label=_("Send the invoice to"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
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

    @property
    def is_by_transfer(self) -> bool:
        """Whether the buyer wants an invoice to be paid by bank transfer. Only of a form that is valid."""
        return bool(self.cleaned_data["pay"] == PaymentWay.TRANSFER)

    def completion(self) -> Completion:
        """What `start_payment` and `place_on_invoice` take. Only of a form that is valid."""
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
                invoice_email=given["invoice_email"] if self.is_by_transfer else "",
            ),
            purchase_order=given["purchase_order"],
            accepts_terms=given["accepts_terms"],
            save_card=given["save_card"] and given["card"] is None and not self.is_by_transfer,
            amount_shown=given["amount_shown"],
        )


_MISSING = {
    "name": _("Enter the name of your organization, as it stands on invoices."),
    "street": _("Enter street and number."),
    "city": _("Enter the city."),
    "amount_shown": _("The page isn’t complete. Load it again."),
}
