"""The grant and its signed bytes: license, signing key, the log of what was issued."""
