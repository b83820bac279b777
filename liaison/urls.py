"""Addresses. Apps are named as strings only; every pattern has a name (the URL walk tests it)."""

from django.contrib import admin
from django.urls import include, path

from liaison import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("liaison.account_urls")),
    path("set-up/", include("liaison.set_up_urls")),
    path("deputies/", include("deputies.urls")),
    path("stations/", include("stations.urls")),
    path("opinions/", include("constituents.urls")),
    path("assessments/", include("assessments.urls")),
    path("api/v1/", include("reports.api_urls")),
    path("", include("reports.urls")),
]

handler400 = "liaison.views.bad_request"
handler403 = "liaison.views.forbidden"
handler404 = "liaison.views.not_found"
handler500 = "liaison.views.server_error"
