"""Who buys: users, organizations, memberships, sign-up."""
