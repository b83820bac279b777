"""The ground's own addresses, so its tests stand without the floors above."""

from django.contrib import admin
from django.urls import include, path

from liaison import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("liaison.account_urls")),
]

handler400 = "liaison.views.bad_request"
handler403 = "liaison.views.forbidden"
handler404 = "liaison.views.not_found"
handler500 = "liaison.views.server_error"
