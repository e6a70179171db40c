"""An organization's record at the payment provider, made when it first pays."""

from __future__ import annotations

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.models import PayerAccount
from keywright_portal.payments.gateway import PaymentGateway


def ensure_payer(*, organization: Organization, gateway: PaymentGateway) -> str:
    """The provider's id of the organization. Two at once make one: the key is the organization's, the row is unique.

    No transaction may be open: the provider is called.
    """
    known = PayerAccount.objects.filter(organization=organization).first()
    if known is not None:
        return known.provider_customer_id
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
