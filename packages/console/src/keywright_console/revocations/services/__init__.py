"""What changes the bundles kept: one module a verb."""
