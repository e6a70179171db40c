"""What an organization was billed, as pages and as files."""

from django.urls import path

from keywright_portal.web.views import billing_downloads, billing_history

urlpatterns = [
    path("billing/", billing_history.billing_history, name="billing"),
    path("billing/history.csv", billing_downloads.billing_csv, name="billing-csv"),
    path("billing/documents.zip", billing_downloads.billing_zip, name="billing-zip"),
    path("invoices/<uuid:invoice_id>.pdf", billing_downloads.invoice_pdf, name="invoice-pdf"),
    path("invoices/<uuid:invoice_id>/receipt-<int:position>.pdf", billing_downloads.receipt_pdf, name="receipt-pdf"),
    path("credit-notes/<uuid:credit_note_id>.pdf", billing_downloads.credit_note_pdf, name="credit-note-pdf"),
]
