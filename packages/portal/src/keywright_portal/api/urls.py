"""The public API's addresses. A version is a path: what `v1` says stays as it is, and `v2` would stand beside it."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from keywright_portal.api.errors import in_one_shape, no_such_address
from keywright_portal.api.public import api

# Not named `app_name`: Django would read it as this module's own.
operations, ninja, namespace = api.urls
for pattern in operations:
    if isinstance(pattern, URLPattern):
        pattern.callback = in_one_shape(pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", no_such_address),
    path("v1/", include((operations, ninja), namespace=namespace)),
    re_path(r"^v1/", no_such_address),
]
