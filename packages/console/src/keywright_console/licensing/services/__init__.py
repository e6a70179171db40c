"""What changes the license in force: one module a verb."""
