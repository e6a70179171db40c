"""One module a noun of Stripe's API: what it takes, and what each call does."""
