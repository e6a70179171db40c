"""A Stripe that runs offline, for the demo and the tests."""
