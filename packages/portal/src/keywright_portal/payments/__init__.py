"""Moving money: the gateway in our nouns, and the one file that speaks to Stripe."""
