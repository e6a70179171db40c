"""The contract: subscription, term, seat ledger."""
