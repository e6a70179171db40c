from portal_fixture import portal

__all__ = ["portal"]
