"""Reading and checking the `[vendor]` part of the catalog file."""

from __future__ import annotations

import re
from typing import Final

from keywright_portal.catalog.logo import check_logo
from keywright_portal.catalog.reading import Table, check_currency, check_text, refuse
from keywright_portal.catalog.sale_file import check_country, read_currencies
from keywright_portal.catalog.vendor import BankDetails, FaqEntry, VendorDetails

ADDRESS_LINES: Final = 5
FAQ_ENTRIES: Final = 60
QUESTION_LENGTH: Final = 200
ANSWER_LENGTH: Final = 6_000
"""Characters: some two pages. A longer answer is a guide of its own, to be linked."""


def read_vendor(value: object, *, where: str = "vendor") -> VendorDetails:
    """Check `value` and read it. Raises CatalogFileError, which says where what is wrong."""
    table = Table(value, where=where)
    currency = check_currency(table.text("currency"), where=table.place("currency"))
    details = VendorDetails(
        name=table.text("name"),
        legal_name=table.text("legal_name"),
        tagline=table.text("tagline", limit=200),
        address=table.texts("address", limit=120, least=1, most=ADDRESS_LINES),
        country=check_country(table.text("country"), where=table.place("country")),
        website=table.url("website"),
        support_email=table.email("support_email"),
        billing_email=table.email("billing_email"),
        from_email=table.email("from_email"),
        phone=table.optional_text("phone", limit=40),
        registration_number=table.optional_text("registration_number", limit=60),
        tax_number=table.optional_text("tax_number", limit=60),
        brand_colour=table.pattern(
            "brand_colour", "#[0-9a-fA-F]{6}", allowed="a # and six hexadecimal digits, such as #3157d5"
        ),
        logo_svg=_logo(table),
        currency=currency,
        invoice_prefix=table.pattern(
            "invoice_prefix", "[A-Z][A-Z0-9]{0,7}", allowed="1 to 8 capital letters and digits, such as INV"
        ),
        bank=_bank(table.table("bank")),
        deployment_guide_url=table.url("deployment_guide_url"),
        administrator_tasks_url=table.url("administrator_tasks_url"),
        status_url=table.optional_url("status_url"),
        faq=tuple(_faq_entry(entry) for entry in table.tables("faq", most=FAQ_ENTRIES)),
        currencies=read_currencies(table.table_or_empty("currencies"), own=currency),
    )
    table.finish()
    slugs = [entry.slug for entry in details.faq]
    for number, slug in enumerate(slugs, start=1):
        if slug in slugs[: number - 1]:
            refuse(f"{table.place('faq')}[{number}].slug", f"is {slug!r}, which another question has. Choose another.")
    return details


def _logo(table: Table) -> str | None:
    value = table.take("logo_svg", None)
    return None if value is None else check_logo(value, where=table.place("logo_svg"))


def _bank(table: Table) -> BankDetails:
    where = table.place("iban")
    iban = re.sub(r"\s", "", check_text(table.take("iban"), where=where, limit=60))
    if not is_iban(iban):
        refuse(
            where,
            f"is {iban!r}, whose check digits don't fit. It must be an IBAN, such as DE02 1203 0000 0000 2020 51.",
        )
    bank = BankDetails(
        account_holder=table.text("account_holder"),
        iban=iban,
        bic=table.pattern(
            "bic", "[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", allowed="8 or 11 capital letters and digits (a BIC)"
        ),
        bank=table.text("bank"),
    )
    table.finish()
    return bank


def is_iban(value: str) -> bool:
    """ISO 13616: the first four characters moved to the end, letters as 10 to 35, the remainder by 97 is 1."""
    if not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", value, re.ASCII):
        return False
    digits = "".join(str(int(character, 36)) for character in value[4:] + value[:4])
    return int(digits) % 97 == 1


def _faq_entry(table: Table) -> FaqEntry:
    entry = FaqEntry(
        slug=table.pattern("slug", "[a-z0-9]+(-[a-z0-9]+)*", allowed="small letters, digits and hyphens", limit=60),
        question=table.text("question", limit=QUESTION_LENGTH),
        answer=table.prose("answer", limit=ANSWER_LENGTH),
    )
    table.finish()
    return entry
