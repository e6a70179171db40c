"""The sign-up form."""

from allauth.account.forms import SignupForm


class SignUpForm(SignupForm):
    """Name, email address, password, organization, country, and the Privacy Policy."""
