"""The fixtures of `purchases`, for every test of this folder."""

from purchases import choose, complete, provider  # noqa: F401 (fixtures)
