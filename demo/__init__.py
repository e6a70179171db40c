"""Everything on one machine: portal, System Console, Stripe simulator and worker, on embedded defaults."""
