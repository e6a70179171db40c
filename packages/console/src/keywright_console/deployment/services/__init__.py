"""What a deployment does: one module a verb."""
