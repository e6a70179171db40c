from directory_fixtures import certificates, connected, licensed, settings_of, slapd, values

__all__ = ["certificates", "connected", "licensed", "settings_of", "slapd", "values"]
