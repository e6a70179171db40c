"""The license in force: read and verified at every request, changed under one lock."""
