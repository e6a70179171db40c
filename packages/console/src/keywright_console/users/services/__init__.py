"""What changes users: one module a verb."""
