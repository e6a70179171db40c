"""Debt and money: invoice, payment, saved card, PDF."""
