"""Addresses of the top floor: homes, pages for officials, pages for residents."""

from django.urls import include, path

from reports.views import home

urlpatterns = [
    path("", home.home, name="home"),
    path("me/", home.me, name="reports_me"),
    path("", include("reports.pages_urls")),
    path("", include("reports.public_urls")),
]
