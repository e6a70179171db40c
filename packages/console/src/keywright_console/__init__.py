"""The System Console of a licensed server: users, and the license in force."""

from importlib.metadata import version

__version__ = version("keywright-console")
