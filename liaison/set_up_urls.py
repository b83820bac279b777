"""Addresses of the first set-up."""

from django.urls import path

from liaison.views import set_up

urlpatterns = [
    path("", set_up.overview, name="set_up"),
    path("open/<str:key>/", set_up.open_link, name="set_up_open"),
    path("office/", set_up.office, name="set_up_office"),
    path("places/", set_up.places, name="set_up_places"),
    path("keepers/", set_up.keepers, name="set_up_keepers"),
    path("clerk/", set_up.clerk, name="set_up_clerk"),
    path("passwords/", set_up.passwords, name="set_up_passwords"),
    path("finish/", set_up.finish, name="set_up_finish"),
]
