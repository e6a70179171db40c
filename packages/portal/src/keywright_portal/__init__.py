"""The customer portal of a vendor of self-managed software."""
