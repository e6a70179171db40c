from directory_fixtures import certificates, slapd, values

__all__ = ["certificates", "slapd", "values"]
