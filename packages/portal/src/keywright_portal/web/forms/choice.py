"""What to buy: a subscription type, a number of users, add-ons. A choice, never an amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from keywright_portal.orders.errors import SeatsError
from keywright_portal.orders.quoting import parse_seats

if TYPE_CHECKING:
    from keywright_portal.kit.errors import KeywrightError

LONGEST_CODE = 60
"""As the catalog's codes are."""
LONGEST_COUPON = 60
"""Characters of the field. What is longer is cut, and is no coupon either way."""
LONGEST_NUMBER = 40
"""Characters of the field. What is that long is no number of users, and is told so by `parse_seats`."""


class CodesField(forms.MultipleChoiceField):
    """Any codes: which of them there are is the catalog's to say."""

    def valid_value(self, value: str) -> bool:
        return len(value) <= LONGEST_CODE


class ChoiceForm(forms.Form):
    """Reads what the buyer chose. Whether it is sold, and at which price, is for `orders.quoting` to say.

    The plan and the add-ons are plain text here: the sentence for one that was withdrawn comes from the catalog.
    """

    plan = forms.CharField(max_length=LONGEST_CODE, error_messages={"required": _("Choose a subscription type.")})
    seats = forms.CharField(label=_("Number of users"), required=False)
    add_ons = CodesField(required=False)
    coupon = forms.CharField(label=_("Coupon"), required=False)

    def clean_seats(self) -> int:
        typed = str(self.cleaned_data.get("seats", ""))[:LONGEST_NUMBER]
        try:
            return parse_seats(typed)
        except SeatsError as error:
            raise forms.ValidationError(error.message, code=error.code) from error

    def clean_coupon(self) -> str:
        return str(self.cleaned_data.get("coupon", ""))[:LONGEST_COUPON]

    def refuse(self, error: KeywrightError) -> None:
        """Show a room's refusal at the field that it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error.message))

    @property
    def chosen_plan(self) -> str:
        return str(self["plan"].value() or "")

    @property
    def chosen_seats(self) -> str:
        return str(self["seats"].value() or "")

    @property
    def chosen_add_ons(self) -> list[str]:
        return [str(code) for code in self["add_ons"].value() or []]

    @property
    def chosen_coupon(self) -> str:
        return str(self["coupon"].value() or "")[:LONGEST_COUPON]
