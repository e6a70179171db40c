"""Who sells: the `[vendor]` part of the catalog file, as pages, mails and invoices read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from email.utils import formataddr
from typing import Any

from django_countries import countries

from keywright_portal.domain.tax import TaxRate, TaxRules


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqEntry:
    """A question and its answer. The answer is prose, see `catalog.prose`; the slug stands in the page's address."""

    slug: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """Where the money of an invoice goes, as it is printed there. `iban` has no spaces."""

    account_holder: str
    iban: str
    bic: str
    bank: str

    @property
    def iban_in_groups(self) -> str:
        """As people read it out: groups of four."""
        return " ".join(re.findall(".{1,4}", self.iban))


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorDetails:
    """The vendor. `name` is what customers call it, `legal_name` what signs contracts and stands on invoices.

    `from_email` is the role address that mails come from; `country` is an ISO 3166 code, `currency`
    an ISO 4217 one; `brand_colour` is `#rrggbb`; `logo_svg` is checked markup that may be put into a page as it is.

    `currencies` has the countries that are sold to in another currency than `currency`. `tax_rates` are by the buyer's
    country. `transfer_offered`: by invoice with bank transfer; `license_before_payment`: such an invoice brings a
    license for the time until it is due. `full_refund_revokes`: whoever has all their money back keeps no license.
    What was stored before there were such keys has their defaults: nothing changes until the vendor's file says so.
    """

    name: str
    legal_name: str
    tagline: str
    address: tuple[str, ...]
    country: str
    website: str
    support_email: str
    billing_email: str
    from_email: str
    phone: str | None
    registration_number: str | None
    tax_number: str | None
    brand_colour: str
    logo_svg: str | None
    currency: str
    invoice_prefix: str
    bank: BankDetails
    deployment_guide_url: str
    administrator_tasks_url: str
    status_url: str | None
    faq: tuple[FaqEntry, ...]
    currencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prices_include_tax: bool = False
    tax_rates: Mapping[str, TaxRate] = field(default_factory=dict)
    transfer_offered: bool = False
    license_before_payment: bool = False
    full_refund_revokes: bool = True

    @property
    def mail_sender(self) -> str:
        """Who mails come from: the vendor's name and its role address."""
        return formataddr((self.name, self.from_email))

    @property
    def country_name(self) -> str:
        return str(countries.name(self.country))

    @property
    def tax_rules(self) -> TaxRules:
        return TaxRules(seller_country=self.country, inclusive=self.prices_include_tax, rates=self.tax_rates)

    @property
    def all_currencies(self) -> tuple[str, ...]:
        """Its own first."""
        return (self.currency, *self.currencies)

    def currency_for(self, country: str) -> str:
        """The currency in which buyers of a country (ISO 3166) pay; the vendor's own where nothing else is said."""
        return next((code for code, buyers in self.currencies.items() if country in buyers), self.currency)

    def faq_entry(self, slug: str) -> FaqEntry | None:
        return next((entry for entry in self.faq if entry.slug == slug), None)

    def to_json(self) -> dict[str, Any]:
        """What is stored. `from_json` of it is equal to this."""
        plain = asdict(self)
        plain["address"] = list(self.address)
        plain["faq"] = [asdict(entry) for entry in self.faq]
        plain["currencies"] = {code: list(buyers) for code, buyers in self.currencies.items()}
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> VendorDetails:
        """What `to_json` gave. It was checked when the file was read, and is read on every page: not checked again.

        Keys that this release doesn't know are passed over, so that it runs on what the next one stored.
        """
        known = {field.name: value[field.name] for field in fields(cls) if field.name in value}
        known["address"] = tuple(known["address"])
        known["bank"] = BankDetails(**known["bank"])
        known["faq"] = tuple(FaqEntry(**entry) for entry in known["faq"])
        if "currencies" in known:
            known["currencies"] = {code: tuple(buyers) for code, buyers in known["currencies"].items()}
        if "tax_rates" in known:
            known["tax_rates"] = {country: TaxRate(**rate) for country, rate in known["tax_rates"].items()}
        return cls(**known)
