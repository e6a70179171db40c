"""What machines call: the payment provider’s webhook and the public API."""
