"""Certificates of issuing keys: what a root says, and that it is one of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keywright_license import TrustedKeys, keys
from keywright_license.errors import LicenseError
from keywright_portal.licensing.errors import CertificateRefusedError
from keywright_portal.licensing.models import RootKey, SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What a root said of the key `kid`. An empty `product` is any; `longest_term` is in seconds, None is any."""

    line: str
    kid: str
    root_kid: str
    product: str
    valid_from: datetime
    valid_until: datetime
    longest_term: int | None

    def put_on(self, row: SigningKey) -> None:
        """Give the key's row its certificate; nothing is saved."""
        row.certificate, row.root_kid, row.product = self.line, self.root_kid, self.product
        row.valid_from, row.valid_until, row.longest_term = self.valid_from, self.valid_until, self.longest_term


def trusted_roots() -> TrustedKeys:
    """The roots of this installation that weren't revoked."""
    jwks = RootKey.objects.filter(revoked_at=None).order_by("created_at", "pk").values_list("public_jwk", flat=True)
    return TrustedKeys.from_public_keys([keys.from_jwk(jwk) for jwk in jwks])


def read_certificate(line: str, *, roots: TrustedKeys, now: datetime) -> Vouched:
    """What a certificate says, once one of the roots is seen to have signed it. Raises CertificateRefusedError."""
    try:
        said = roots.certificate(line.encode(), now=now)
    except LicenseError as error:
        raise CertificateRefusedError(
            f"The certificate is refused: {error.message} It must be signed by a root that keywright keys list names."
        ) from error
    return Vouched(
        line=line,
        kid=said.kid,
        root_kid=said.root_kid,
        product=said.product or "",
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        longest_term=None if said.longest_term is None else said.longest_term // timedelta(seconds=1),
    )
