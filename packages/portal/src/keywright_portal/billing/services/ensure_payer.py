"""An organization's record at the payment provider, made when it first pays."""

from __future__ import annotations

import uuid
from typing import Final

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.models import PayerAccount
from keywright_portal.kit.prepared import PreparedQuery
from keywright_portal.payments.gateway import PaymentGateway


def ensure_payer(*, organization: Organization, gateway: PaymentGateway) -> str:
    """The provider's id of the organization. Two at once make one: the key is the organization's, the row is unique.

    No transaction may be open: the provider is called.
    """
    known = _KNOWN(organization.pk)
    if known:
        return str(known[0][0])
    customer_id = gateway.create_customer(
        organization_id=str(organization.pk),
        name=organization.name,
        email=organization.billing_email,
        idempotency_key=f"organization:{organization.pk}:customer",
    )
    account, _ = PayerAccount.objects.get_or_create(
        organization=organization, defaults={"provider_customer_id": customer_id}
    )
    return account.provider_customer_id


_KNOWN: Final = PreparedQuery(
    lambda organization_id: PayerAccount.objects.filter(organization_id=organization_id).values_list(
        "provider_customer_id"
    ),
    uuid.UUID,
)
