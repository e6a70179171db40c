"""What is done with counts: one module a verb."""
