"""What makes jobs run: one module a verb."""
