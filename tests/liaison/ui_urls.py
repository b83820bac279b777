"""The addresses the shell links to, for pages rendered without the rest of the site."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

NAMES = (
    "home",
    "sign_in",
    "sign_out",
    "preferences",
    "notifications",
    "notifications_read",
    "switch_appointment",
    "password_change",
)


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path(f"{name}/", _nothing, name=name) for name in NAMES]
