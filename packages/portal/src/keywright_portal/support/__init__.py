"""Tickets: what customers write to the vendor."""
