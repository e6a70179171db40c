"""AD/LDAP: users that come from a directory, and leave with it."""
