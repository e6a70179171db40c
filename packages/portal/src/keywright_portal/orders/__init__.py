"""A whole purchase: checkout, order, fulfilment. The one place that sees all of it."""
