"""Taking over the certificate that a root made offline for a key of ours."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_portal.catalog.models import Product
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.certificates import read_certificate, trusted_roots
from keywright_portal.licensing.errors import CertificateRefusedError, NoSigningKeyError
from keywright_portal.licensing.key_states import locked_keys
from keywright_portal.licensing.models import KeyState, SigningKey
from keywright_portal.licensing.services.activate_key import take_over
from keywright_portal.licensing.signing import signer


def certify_key(*, certificate: str, takes_over: bool, actor: Actor, now: datetime) -> SigningKey:
    """Give the key that waits its certificate, with its limits; with `takes_over` it signs from now on.

    A key that signs may be given another certificate too: a longer one, before the first one ends.

    Raises CertificateRefusedError (no certificate of one of our roots for a key of ours, or for a product that the
    catalog doesn't have), KeyStateError, NoSigningKeyError where the private key isn't here.
    """
    said = read_certificate(certificate, roots=trusted_roots(), now=now)
    if not signer().holds(said.kid):
        raise NoSigningKeyError(
            f"The certificate is for the key {said.kid}, whose private key isn’t here. Certify what keywright keys "
            "rotate wrote."
        )
    with transaction.atomic():
        keys = locked_keys()
        key = keys.get(said.kid)
        if key is None or key.state in (KeyState.RETIRED, KeyState.REVOKED):
            raise CertificateRefusedError(
                f"No key {said.kid} waits for a certificate here. Those that there are: keywright keys list."
            )
        if said.product and not Product.objects.filter(code=said.product).exists():
            raise CertificateRefusedError(
                f"The certificate is for the product {said.product}, which the catalog doesn’t have. Name one of its."
            )
        if key.state == KeyState.ACTIVE and key.product != said.product:
            raise CertificateRefusedError(
                f"The key {key.kid} signs already, and this certificate is for other products. Rotate for them: "
                "keywright keys rotate."
            )
        said.put_on(key)
        key.save()
        audit.record(
            actor=actor,
            action="key.certified",
            subject="SigningKey",
            subject_id=key.kid,
            organization_id=None,
            now=now,
            after={"root": said.root_kid, "product": said.product, "valid_until": said.valid_until.isoformat()},
        )
        if takes_over and key.state == KeyState.WAITING:
            take_over(key, among=keys, actor=actor, now=now)
    return key
