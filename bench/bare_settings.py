"""The portal's settings with one more page: the bare view that the benchmark compares with."""

from keywright_portal.config.settings import *  # noqa: F403 (Django's way to build settings on settings)

ROOT_URLCONF = "bench.bare_urls"
