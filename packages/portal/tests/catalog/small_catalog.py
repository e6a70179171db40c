"""A catalog file as short as one can be with each kind of thing in it, and the file that it makes with a change."""

from __future__ import annotations

from pathlib import Path

from keywright_portal.catalog.file import CatalogFile, read_catalog

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#123456"/></svg>'
SMALL = """
[vendor]
name = "Larkfield"
legal_name = "Larkfield GmbH"
tagline = "Servers of your own."
address = ["Musterweg 1", "10115 Berlin"]
country = "DE"
website = "https://larkfield.example"
support_email = "support@larkfield.example"
billing_email = "billing@larkfield.example"
from_email = "portal@larkfield.example"
brand_colour = "#3157d5"
logo_svg = "texts/logo.svg"
currency = "EUR"
invoice_prefix = "INV"
deployment_guide_url = "https://docs.larkfield.example/deploy"
administrator_tasks_url = "https://docs.larkfield.example/admin"

[vendor.bank]
account_holder = "Larkfield GmbH"
iban = "DE02 1203 0000 0000 2020 51"
bic = "BYLADEM1001"
bank = "Musterbank"

[[vendor.faq]]
slug = "who-counts"
question = "Who counts?"
answer = "Everyone with an account."

[[products]]
code = "server"
name = "Larkfield Server"
formats = ["keywright"]

[[products.plans]]
code = "basic"
name = "Server Basic"
summary = "For one team."
highlights = ["Single sign-on"]
features = ["ldap"]
price_per_user = { EUR = "39.00" }

[[products.plans]]
code = "pro"
name = "Server Pro"
summary = "For all teams."
highlights = ["Everything in Basic"]
features = ["ldap", "cluster"]
price_per_user = { EUR = "102.00", JPY = "15000" }

[[products.add_ons]]
code = "support"
name = "Support"
summary = "Answers at night."
offered_with = ["pro"]
non_production_deployments = 4
price_percent = "20"

[[products.add_ons]]
code = "training"
name = "Training"
summary = "A day with us."
offered_with = ["basic", "pro"]
price_flat = { EUR = "500.00" }

[policies.terms]
version = "2026-01"
file = "texts/terms.md"

[policies.privacy]
version = "2026-01"
file = "texts/privacy.md"
"""


def write_texts(folder: Path, *, terms: str = "The Terms.", privacy: str = "The policy.", logo: str = LOGO) -> None:
    """The files that `SMALL` names."""
    (folder / "texts").mkdir(exist_ok=True)
    (folder / "texts/terms.md").write_text(terms)
    (folder / "texts/privacy.md").write_text(privacy)
    (folder / "texts/logo.svg").write_text(logo)


def changed(*changes: tuple[str, str]) -> str:
    """`SMALL` with each first part, which must stand in it once, replaced by the second."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
        text = text.replace(old, new)
    return text


def read(folder: Path, *changes: tuple[str, str]) -> CatalogFile:
    return read_catalog(changed(*changes), base_dir=folder)
