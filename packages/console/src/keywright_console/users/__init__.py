"""Who may sign in, and who counts as a user."""
