"""Addresses of the top floor: homes, pages for officials, pages for residents."""

from django.urls import include, path

from reports.views import home

urlpatterns = [
    path("", home.home, name="home"),
    path("today/", home.today, name="reports_today"),
    path("me/", home.me, name="reports_me"),
    path("", include("reports.pages_urls")),
    path("", include("reports.desk_urls")),
    path("", include("reports.public_urls")),
]
