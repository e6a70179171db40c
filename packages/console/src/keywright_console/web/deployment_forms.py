"""The forms of the pages Deployment and Customer Portal."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from keywright_console.deployment.models import NAME_MAX, Kind
from keywright_console.web.forms import DropField


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX,
        required=False,
        help_text=_("What you and the vendor call this server, for example its address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(Kind.PRODUCTION.value, _("Production")), (Kind.NON_PRODUCTION.value, _("Staging, test and so on"))],
        help_text=_("Which of the subscription’s places this server takes."),
    )


class AllowForm(forms.Form):
    may_speak = forms.BooleanField(
        label=_("This server may speak to the Customer Portal"),
        required=False,
        help_text=_("Off: nothing is sent and nothing is fetched, whatever is chosen below."),
    )
    fetches_licenses = forms.BooleanField(
        label=_("Fetch license changes by itself"),
        required=False,
        help_text=_("Added seats and renewals are here within the hour. Each is verified as an upload is."),
    )
    fetches_revocations = forms.BooleanField(
        label=_("Fetch the list of withdrawn licenses by itself"),
        required=False,
        help_text=_("It tells which licenses and keys the vendor has withdrawn. Nothing about this server is sent."),
    )
    sends_usage = forms.BooleanField(
        label=_("Send the daily count of users"),
        required=False,
        help_text=_("A few numbers a day, no names. The page Active users shows word for word what is sent."),
    )


class AnswerForm(forms.Form):
    answer = DropField(
        label=_("Answer from the Customer Portal"),
        help_text=_("The file that the Deployments page gave you for your request."),
        widget=forms.FileInput(attrs={"accept": ".keywright-activation"}),
    )
