from django import forms


class SampleForm(forms.Form):
    """One field of each shape."""

    email = forms.EmailField(
        label="Work email",
        help_text="We send a link to this address.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    given_name = forms.CharField(label="First name")
    vat = forms.CharField(label="VAT number", required=False)
    country = forms.ChoiceField(label="Country", choices=[("DE", "Germany"), ("FR", "France")])
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput, template_name="kw/forms/secret.html", help_text="At least 12."
    )
    note = forms.CharField(label="Message", widget=forms.Textarea, required=False)
    users = forms.IntegerField(label="Number of users", min_value=1, template_name="kw/forms/stepper.html")
    topic = forms.ChoiceField(label="About", choices=[("b", "Billing"), ("r", "Renewal")], widget=forms.RadioSelect)
    file = forms.FileField(label="License file", template_name="kw/forms/drop.html", help_text="64 KB at most.")
    token = forms.CharField(widget=forms.HiddenInput, initial="t")
    privacy = forms.BooleanField(label="I have read and agree to the Privacy Policy")
