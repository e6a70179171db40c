from visiting import browser, console, visit

from directory_fixtures import certificates, slapd, values

__all__ = ["browser", "certificates", "console", "slapd", "values", "visit"]
