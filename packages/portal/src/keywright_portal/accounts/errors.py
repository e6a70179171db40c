"""What can go wrong with accounts."""

from __future__ import annotations

from keywright_portal.kit.errors import KeywrightError


class AddressTakenError(KeywrightError):
    """There is a user with this email address. Never shown: the answer to who asks must not tell."""

    code = "address_taken"


class OrganizationDetailError(KeywrightError):
    """A detail of the organization isn't as it must be; `field` says which."""

    code = "organization_detail"
