"""The vendor’s own pages: they read, and call services for every change."""
