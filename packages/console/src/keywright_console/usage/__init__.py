"""How many users this server counts, a count a day: chained, signed, kept, shown, and sent where that is allowed."""
