"""What changes the connection to the directory, and what it changes: one module a verb."""
