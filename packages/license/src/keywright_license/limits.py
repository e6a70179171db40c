"""The limits of both formats, each with its reason. docs/license-file.md states them for people."""

from __future__ import annotations

# What is read of any file. A usual one has 1 to 2 KiB; the rest is room for claims that we do not know yet.
MAX_FILE_BYTES = 64 * 1024

# What servers in the field read of a file in Mattermost's format.
MAX_MATTERMOST_BYTES = 10_000

# Three short members: 150 bytes. The header is read before anything is verified, so it stays small.
MAX_HEADER_BYTES = 512

# Our claims are 2 deep. Python's own recursion limit depends on who calls, a reader's verdict must not.
MAX_JSON_DEPTH = 16

# Names, ids and addresses; longer than any column that holds one.
MAX_TEXT = 500

MAX_FEATURES = 512

# Seats are counted with 32 bits signed, the smallest integer that databases and clients are sure to have.
MAX_COUNT = 2**31 - 1

# Seconds; the first that is refused, 9999-01-01T00:00:00Z. A year below datetime.max, so that neither grace nor a
# time zone overflows.
END_OF_TIME = 253_370_764_800

# Certificates remembered by one TrustedKeys. A vendor has a handful of issuing keys; the bound keeps a long-lived
# process small.
MAX_REMEMBERED_CERTIFICATES = 64

# Keys in one PEM file or JWK set: a handful of roots over a product's life.
MAX_TRUSTED_KEYS = 64

# What is read of a revocation bundle: some 75,000 revoked licenses. Licenses whose grace is over need not stand in it.
MAX_BUNDLE_BYTES = 8 * 1024 * 1024

# Reports in one exported file: 400 days are kept, one a day; twice that with a margin. A report has 600 to 800 bytes.
MAX_REPORTS = 1_000
MAX_EXPORT_BYTES = 1024 * 1024
