"""What the back office shows, a module a subject. The order here is the order of the navigation."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model

from keywright_portal.accounts.models import Organization, User
from keywright_portal.backoffice.page import Page
from keywright_portal.backoffice.pages import (
    billing,
    catalog,
    customers,
    deployments,
    keys,
    licenses,
    money_back,
    orders,
    running,
    support,
    transfers,
)
from keywright_portal.billing.models import BankTransfer, CreditNote, Dispute, Invoice, Payment, Refund, SavedCard
from keywright_portal.catalog.models import AddOn, Coupon, Plan, Policy, Price, Product, Vendor
from keywright_portal.kit.models import AuditEntry, DueJob, OutboxMail
from keywright_portal.licensing.deployment_models import Deployment, UsageReport
from keywright_portal.licensing.models import (
    IssueLogEntry,
    License,
    LicenseFile,
    Reissue,
    RevocationBundle,
    RootKey,
    SigningKey,
)
from keywright_portal.orders.models import Order, PaymentAttempt, PaymentProblem
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term
from keywright_portal.support.models import Ticket

PAGES: tuple[tuple[type[Model], type[Page[Any]]], ...] = (
    (Organization, customers.OrganizationPage),
    (User, customers.UserPage),
    (Order, orders.OrderPage),
    (PaymentProblem, orders.PaymentProblemPage),
    (PaymentAttempt, orders.PaymentAttemptPage),
    (Invoice, billing.InvoicePage),
    (Payment, billing.PaymentPage),
    (BankTransfer, transfers.BankTransferPage),
    (Refund, money_back.RefundPage),
    (Dispute, money_back.DisputePage),
    (CreditNote, money_back.CreditNotePage),
    (SavedCard, billing.SavedCardPage),
    (Subscription, licenses.SubscriptionPage),
    (Term, licenses.TermPage),
    (SeatLedgerEntry, licenses.SeatLedgerPage),
    (License, licenses.LicensePage),
    (LicenseFile, licenses.LicenseFilePage),
    (IssueLogEntry, licenses.IssueLogPage),
    (Deployment, deployments.DeploymentPage),
    (UsageReport, deployments.UsageReportPage),
    (SigningKey, keys.SigningKeyPage),
    (RootKey, keys.RootKeyPage),
    (RevocationBundle, keys.RevocationBundlePage),
    (Reissue, keys.ReissuePage),
    (Ticket, support.TicketPage),
    (OutboxMail, support.OutboxMailPage),
    (Product, catalog.ProductPage),
    (Plan, catalog.PlanPage),
    (AddOn, catalog.AddOnPage),
    (Price, catalog.PricePage),
    (Coupon, catalog.CouponPage),
    (Policy, catalog.PolicyPage),
    (Vendor, catalog.VendorPage),
    (AuditEntry, running.AuditPage),
    (ProviderEvent, running.ProviderEventPage),
    (DueJob, running.DueJobPage),
)


def register() -> None:
    """Put every page into the site."""
    for model, page in PAGES:
        admin.site.register(model, page)
