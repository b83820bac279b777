"""What our middleware puts on a request, said once for everybody who reads it."""

from typing import cast

from django.http import HttpRequest

from liaison.models import Appointment
from liaison.tenancy.scope import Actor


class OurRequest(HttpRequest):
    """A request behind ``RequestIdMiddleware`` and ``ScopeMiddleware``; nobody makes one."""

    request_id: str
    actor: Actor
    # All appointments of the account that hold today; one of them acts.
    appointments: list[Appointment]


def ours(request: HttpRequest) -> OurRequest:
    """The same request with what the middleware put on it."""
    return cast(OurRequest, request)
