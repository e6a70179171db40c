"""The schedule of work in the background."""
