"""Pages of the ground floor: health, errors, signing in, the own account, files."""

from liaison.views.errors import bad_request, csrf_failure, forbidden, not_found, server_error
from liaison.views.health import healthz, readyz

__all__ = [
    "bad_request",
    "csrf_failure",
    "forbidden",
    "healthz",
    "not_found",
    "readyz",
    "server_error",
]
