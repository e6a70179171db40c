"""The System Console of a licensed server: users, and the license in force."""
