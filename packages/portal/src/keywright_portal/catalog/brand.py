"""The vendor's looks, as `keywright_look`'s mails ask for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright_portal.kit.links import absolute

if TYPE_CHECKING:
    from keywright_portal.catalog.vendor import VendorDetails

_MARK_LETTERS: Final = 12
"""Of a digest: enough that a new logo has an address of its own, since mails and browsers keep the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailBrand:
    """`brand` in the context of every mail: name, colour, postal address, and the logo's address (empty: none)."""

    name: str
    colour: str
    address: str
    mail_mark_src: str


def mail_brand(vendor: VendorDetails) -> MailBrand:
    """What a mail of this vendor's looks like. Pass it as `brand` to `kit.mail.enqueue_mail`."""
    return MailBrand(
        name=vendor.name,
        colour=vendor.brand_colour,
        address=", ".join((vendor.legal_name, *vendor.address, vendor.country_name)),
        mail_mark_src=f"{absolute('brand-mark-png')}?{mark_version(vendor)}" if vendor.logo_svg is not None else "",
    )


def mark_version(vendor: VendorDetails) -> str:
    """Changes when the logo or the colour does."""
    return _version(vendor.brand_colour, vendor.logo_svg)


@lru_cache(maxsize=2)
def _version(colour: str, logo: str | None) -> str:
    return hashlib.sha256(f"{colour} {logo}".encode()).hexdigest()[:_MARK_LETTERS]
