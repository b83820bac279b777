"""Addresses of pages for residents; short, because they are printed and typed."""

from django.urls import path

from reports.views import public

urlpatterns = [
    path("p/", public.places, name="reports_public"),
    path("p/<int:scope_code>/", public.place, name="reports_public_place"),
    path("p/<int:scope_code>/plan/", public.plan, name="reports_public_plan"),
    path("s/photo/<int:photo_id>.jpg", public.station_photo, name="reports_station_photo"),
    path("s/<str:code>/", public.station, name="reports_public_station"),
    path("s/<str:code>/qr.svg", public.station_qr, name="reports_station_qr"),
]
