"""Deletion and export of one’s data. Deleting an account goes through Support until this room opens."""
